import { expect, test } from 'vitest';
import { signatureText } from './signature.ts';

test.each([
  [{ name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' }, 'rate(matrix) → vector'],
  [{ name: 'round', argTypes: ['vector', 'scalar'], variadic: 1, returnType: 'vector' }, 'round(vector, [scalar]) → vector'],
  [{ name: 'label_join', argTypes: ['vector', 'string'], variadic: -1, returnType: 'vector' }, 'label_join(vector, string, …) → vector'],
  [{ name: 'time', argTypes: [], variadic: 0, returnType: 'scalar' }, 'time() → scalar'],
])('%j is %s', (fn, text) => expect(signatureText(fn)).toBe(text));
