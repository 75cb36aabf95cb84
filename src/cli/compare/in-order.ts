/**
 * The results of `work` for each item, in the items' order, with no more than `limit` at work at one time. Where the
 * items end with an error, what is at work by then comes first.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      if (underWay.length >= limit) yield underWay.shift() as Promise<R>;
      const result = work(item);
      // Whoever takes the result sees the error; until then it is nobody's.
      result.catch(() => undefined);
      underWay.push(result);
    }
  } catch (error) {
    failure = { error };
  }
  for (const result of underWay) yield result;
  if (failure !== undefined) throw failure.error;
}
