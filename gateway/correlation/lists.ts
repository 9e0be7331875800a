/*
 * Lists that are no larger than what is in them. What is spread, pushed or filtered leaves room for some seventeen, which is most
 * of what a list of few takes; of the lists that are kept for each door and badge there are many.
 */

/** A list with room for just so many. */
// oxlint-disable-next-line unicorn/no-new-array
const roomFor = <A>(many: number): Array<A> => new Array<A>(many)

/** The list with one more at its end. */
export const appended = <A>(items: ReadonlyArray<A>, added: A): Array<A> => {
  const all = roomFor<A>(items.length + 1)
  for (let nth = 0; nth < items.length; nth++) all[nth] = items[nth]!
  all[items.length] = added
  return all
}

/** Those of the list that are kept; the same list, where all are. */
export const keptOf = <A>(items: ReadonlyArray<A>, isKept: (item: A) => boolean): ReadonlyArray<A> => {
  let many = 0
  for (let nth = 0; nth < items.length; nth++) if (isKept(items[nth]!)) many++
  if (many === items.length) return items
  const kept = roomFor<A>(many)
  for (let nth = 0, place = 0; place < many; nth++) if (isKept(items[nth]!)) kept[place++] = items[nth]!
  return kept
}
