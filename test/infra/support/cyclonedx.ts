/**
 * What CycloneDX 1.5 demands of a bill of materials of packages (bom-1.5.schema.json: `required`, closed lists and
 * patterns of the parts that one uses), and beyond it: a package URL, a digest and a licence of each package.
 */
export const CYCLONEDX_1_5 = {
  type: 'object',
  additionalProperties: false,
  required: ['bomFormat', 'specVersion', 'serialNumber', 'version', 'metadata', 'components', 'dependencies'],
  properties: {
    $schema: { const: 'http://cyclonedx.org/schema/bom-1.5.schema.json' },
    bomFormat: { const: 'CycloneDX' },
    specVersion: { const: '1.5' },
    serialNumber: {
      type: 'string',
      pattern: '^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    },
    version: { type: 'integer', minimum: 1 },
    metadata: {
      type: 'object',
      required: ['timestamp', 'tools', 'component'],
      properties: {
        timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' },
        lifecycles: { type: 'array', items: { type: 'object', required: ['phase'] } },
        tools: { type: 'array', minItems: 1, items: { type: 'object', required: ['name', 'version'] } },
        component: { $ref: '#/$defs/component' },
      },
    },
    components: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { allOf: [{ $ref: '#/$defs/component' }, { required: ['purl', 'hashes', 'licenses'] }] },
    },
    dependencies: {
      type: 'array',
      uniqueItems: true,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['ref'],
        properties: {
          ref: { type: 'string', minLength: 1 },
          dependsOn: { type: 'array', uniqueItems: true, items: { type: 'string', minLength: 1 } },
        },
      },
    },
  },
  $defs: {
    component: {
      type: 'object',
      additionalProperties: false,
      required: ['type', 'name', 'version', 'bom-ref'],
      properties: {
        'bom-ref': { type: 'string', minLength: 1 },
        type: { enum: ['application', 'library'] },
        name: { type: 'string', minLength: 1 },
        version: { type: 'string', minLength: 1 },
        scope: { enum: ['required', 'optional', 'excluded'] },
        author: { type: 'string' },
        description: { type: 'string' },
        purl: { type: 'string', pattern: '^pkg:npm/(%40[^/@]+/)?[^/@]+@[^/@]+$' },
        hashes: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['alg', 'content'],
            properties: {
              alg: { enum: ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] },
              content: { type: 'string', pattern: '^([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$' },
            },
          },
        },
        licenses: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            oneOf: [
              {
                required: ['license'],
                properties: { license: { type: 'object', oneOf: [{ required: ['id'] }, { required: ['name'] }] } },
              },
              { required: ['expression'], properties: { expression: { type: 'string', minLength: 1 } } },
            ],
          },
        },
        externalReferences: {
          type: 'array',
          items: {
            type: 'object',
            required: ['type', 'url'],
            properties: { type: { type: 'string', minLength: 1 }, url: { type: 'string', minLength: 1 } },
          },
        },
        properties: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } },
        },
      },
    },
  },
};
