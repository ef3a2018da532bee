import { allDifferences, lostNumbers, majorsTaken, unrepeatable, valuesLetThrough } from '../file-rules/chart';
import { FileBreak } from './tree';

const CHART = 'deploy/helm/chartly';
const SCHEMA = `${CHART}/values.schema.json`;
const HELPERS = `${CHART}/templates/_helpers.tpl`;

/** The rules of the chart that only its sources or several renders show. */
export const CHART_BREAKS: readonly FileBreak[] = [
  [
    13,
    'a schema that takes a tenth component',
    (tree) => {
      const schema = JSON.parse(tree.read(SCHEMA)) as { properties: { components: { additionalProperties: boolean } } };
      schema.properties.components.additionalProperties = true;
      tree.change(SCHEMA, /^[^]*$/, JSON.stringify(schema));
      return valuesLetThrough(tree.at(CHART));
    },
  ],
  [
    13,
    'no schema',
    (tree) => {
      tree.remove(SCHEMA);
      return valuesLetThrough(tree.at(CHART));
    },
  ],
  [
    14,
    'a template that one Helm takes otherwise than the other',
    (tree) => {
      tree.change(
        `${CHART}/templates/config.yaml`,
        /^data:$/m,
        'data:\n  HELM: {{ .Capabilities.HelmVersion.Version | quote }}',
      );
      return allDifferences(tree.at(CHART));
    },
  ],
  [
    14,
    'a chart without a version',
    (tree) => {
      tree.change(`${CHART}/Chart.yaml`, /^version: .*$/m, '');
      return allDifferences(tree.at(CHART));
    },
  ],
  [
    16,
    'a template that asks the clock',
    (tree) => {
      tree.change(`${CHART}/templates/config.yaml`, /^data:$/m, 'data:\n  MADE: {{ now | unixEpoch | quote }}');
      return unrepeatable(tree.at(CHART));
    },
  ],
  [
    19,
    'a chart that does not look at the version of the contract',
    (tree) => {
      tree.change(`${CHART}/templates/_checks.tpl`, 'if ne (regexFind', 'if eq "never" (regexFind');
      return majorsTaken(tree.at(CHART));
    },
  ],
  [
    20,
    'a number that is printed as a float',
    (tree) => {
      tree.change(
        HELPERS,
        /\{\{- define "chartly\.text" -\}\}[^]*?\{\{- end \}\}/,
        '{{- define "chartly.text" -}}{{ toString . }}{{- end }}',
      );
      return lostNumbers(tree.at(CHART));
    },
  ],
];
