/** What a function of PromQL takes and gives, as the official package has it. */
export interface PromqlFunction {
  name: string;
  argTypes: readonly string[];
  /** Arguments that may be left out, at the end; below 0 the last one may come as often as one likes. */
  variadic: number;
  returnType: string;
}

/** `rate(matrix) → vector`; arguments that may be left out stand in brackets. */
export function signatureText({ name, argTypes, variadic, returnType }: PromqlFunction): string {
  const fixed = argTypes.length - Math.max(0, variadic);
  const optional = argTypes.slice(fixed).map((type) => `[${type}]`);
  const repeated = variadic < 0 ? ['…'] : [];
  return `${name}(${[...argTypes.slice(0, fixed), ...optional, ...repeated].join(', ')}) → ${returnType}`;
}
