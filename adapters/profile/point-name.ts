/** What the domain allows as the name of a point (`PointRef`). */
const pointName = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

/**
 * The name of a point from what a device calls it: "/" becomes ".", a blank or "_" at the front "-", and what the
 * domain does not allow `-x` with its code, so that two names in another script stay two. Undefined when none can be
 * made of it.
 */
export const pointNamed = (name: string): string | undefined => {
  if (pointName.test(name)) return name
  const made = name
    .trim()
    .slice(0, 64)
    .replace(/\//g, ".")
    .replace(/\s/g, "-")
    .replace(/[^A-Za-z0-9._:-]/gu, (character) => `-x${character.codePointAt(0)!.toString(16)}`)
    .replace(/^[^A-Za-z0-9]+/, "")
  return pointName.test(made) ? made : undefined
}
