import type { ConversionConfig } from '@valibot/to-json-schema';

/**
 * How schemas become JSON Schema: what is taken in, before it is changed. Checks that JSON Schema cannot say are left out; their words are in
 * the descriptions.
 */
export const SCHEMA_OPTIONS = { typeMode: 'input', errorMode: 'ignore' } as const satisfies ConversionConfig;
