import {
  failures,
  overlayProblems,
  providersIn,
  secretsGivenOut,
  unchecked,
  untestedRefusals,
  untyped,
} from '../file-rules/terraform';
import { sourceOf } from '../terraform';
import { FileBreak, SpoiledTree } from './tree';

const RDS = 'terraform/modules/rds';
const rds = (tree: SpoiledTree): string => sourceOf('modules/rds', tree.at('terraform'));
const testsOf = (tree: SpoiledTree, folder: string): string[] => failures(tree.at('terraform'), folder);

/** The rules of Terraform. */
export const TERRAFORM_BREAKS: readonly FileBreak[] = [
  [
    21,
    'a contract that declares a provider',
    (tree) => {
      tree.change(`${RDS}/versions.tf`, /^terraform \{$/m, 'provider "aws" {}\n\nterraform {');
      return providersIn(rds(tree));
    },
  ],
  [
    21,
    'a contract with a resource of a provider',
    (tree) => {
      tree.change(`${RDS}/outputs.tf`, /^locals \{$/m, 'resource "aws_db_instance" "it" {}\n\nlocals {');
      return providersIn(rds(tree));
    },
  ],
  [
    22,
    'a variable of the type any',
    (tree) => {
      tree.change(
        `${RDS}/variables.tf`,
        'endpoint             = optional(string)',
        'endpoint             = optional(any)',
      );
      return untyped(rds(tree));
    },
  ],
  [
    22,
    'an output without a description',
    (tree) => {
      tree.change(`${RDS}/outputs.tf`, /^ {2}description = .*\n/m, '');
      return untyped(rds(tree));
    },
  ],
  [
    22,
    'a contract that refuses hardly anything',
    (tree) => {
      tree.change(`${RDS}/variables.tf`, /(\n {2}validation \{[^]*?\n {2}\}\n)+/, '');
      return unchecked(rds(tree));
    },
  ],
  [
    23,
    'a contract with a key less',
    (tree) => {
      tree.change(`${RDS}/variables.tf`, /^ {4}storage_gib .*\n/m, '');
      tree.change(`${RDS}/variables.tf`, /^ {2}validation \{\n.*storage_gib[^]*?^ {2}\}\n/m, '');
      return testsOf(tree, 'modules/rds');
    },
  ],
  [
    23,
    'a contract with a key more',
    (tree) => {
      tree.change(`${RDS}/variables.tf`, /^ {4}storage_gib /m, '    surprise = optional(string)\n    storage_gib ');
      return testsOf(tree, 'modules/rds');
    },
  ],
  [
    24,
    'a placeholder that is none',
    (tree) => {
      tree.change(
        `${RDS}/outputs.tf`,
        'merge(var.spec, var.implementation)',
        'merge(var.spec, var.implementation, { endpoint = "10.0.0.1" })',
      );
      return testsOf(tree, 'modules/rds');
    },
  ],
  [
    24,
    'an output that carries a password',
    (tree) => {
      tree.change(
        'terraform/overlays/aws/provider/outputs.tf',
        /^( {4}\w+\s+= ).*$/m,
        '$1random_password.database.result',
      );
      return secretsGivenOut(sourceOf('overlays/aws/provider', tree.at('terraform')));
    },
  ],
  [
    25,
    'an adapter that loses a reference',
    (tree) => {
      tree.change('terraform/overlays/aws/adapter/outputs.tf', 'remote = var.aws.app_secret', 'remote = "somewhere"');
      return testsOf(tree, 'overlays/aws/adapter');
    },
  ],
  [
    25,
    'an adapter without tests',
    (tree) => {
      tree.remove('terraform/overlays/gcp/adapter/tests');
      return overlayProblems(tree.at('terraform'), 'gcp');
    },
  ],
  [
    25,
    'an adapter with a provider',
    (tree) => {
      tree.change(
        'terraform/overlays/azure/adapter/versions.tf',
        /^terraform \{$/m,
        'provider "azurerm" {}\n\nterraform {',
      );
      return overlayProblems(tree.at('terraform'), 'azure');
    },
  ],
  [
    25,
    'a provider part that does not own up to not being validated',
    (tree) => {
      tree.change('terraform/overlays/aws/README.md', /not validated there/g, 'as good as the others');
      return overlayProblems(tree.at('terraform'), 'aws');
    },
  ],
  [
    26,
    'a validation that lets everything through',
    (tree) => {
      tree.change(
        `${RDS}/variables.tf`,
        /condition\s+= contains\(\["small".*$/m,
        'condition     = var.spec.size != ""',
      );
      return testsOf(tree, 'modules/rds');
    },
  ],
  [
    26,
    'a validation without a test',
    (tree) => {
      tree.change(`${RDS}/tests/contract.tftest.hcl`, /^run "refuses_no_room" \{[^]*?^\}\n/m, '');
      return untestedRefusals(tree.at('terraform'), 'modules/rds');
    },
  ],
  [
    26,
    'a stack that takes a contract of another major version',
    (tree) => {
      tree.change('terraform/stack/outputs.tf', /^ {2}precondition \{[^]*?^ {2}\}\n/m, '');
      return testsOf(tree, 'stack');
    },
  ],
];
