/*
 * Lists that are no larger than what is in them. What is spread, pushed or filtered leaves room for some seventeen, which is most
 * of what a list of few takes; of the lists that are kept for each door and badge there are many.
 */

/** The list with one more at its end. */
export const appended = <A>(items: ReadonlyArray<A>, added: A): Array<A> =>
  items.length === 0 ? [added] : [...items, added].slice()

/** Those of the list that are kept; the same list, where all are. */
export const keptOf = <A>(items: ReadonlyArray<A>, isKept: (item: A) => boolean): ReadonlyArray<A> => {
  const kept = items.filter(isKept)
  return kept.length === items.length ? items : kept.slice()
}
