/** The least of numbers, Infinity without any. As arguments of one call a long list would overflow the stack. */
export function least(numbers: readonly number[]): number {
  return numbers.reduce((known, number) => Math.min(known, number), Infinity);
}

/** The greatest of numbers, -Infinity without any. */
export function greatest(numbers: readonly number[]): number {
  return numbers.reduce((known, number) => Math.max(known, number), -Infinity);
}
