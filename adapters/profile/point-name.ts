import { createHash } from "node:crypto"

/** What the domain allows as the name of a point (`PointRef`). */
const pointName = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/

const lengthMax = 64

/** Names are looked at so far: no device calls anything by more. */
const readMax = 1024

/** So much of a longer name is kept at either end, and a digest of the whole between, so that two names stay two. */
const endLength = 27
const digestLength = 8

const shortened = (name: string): string => {
  if (name.length <= lengthMax) return name
  const digest = createHash("sha256").update(name).digest("hex").slice(0, digestLength)
  return `${name.slice(0, endLength)}-${digest}-${name.slice(-endLength)}`
}

/**
 * A token as a part of a point's name, so that two tokens of one device stay two: what the domain does not allow becomes
 * `-x`, its code and `-`. `D 1` is `D-x20-1` beside `D-1`, and `D/1` is `D-x2f-1` beside `D.1`.
 */
export const tokenNamed = (token: string): string =>
  token.replace(/[^A-Za-z0-9._:-]/gu, (character) => `-x${character.codePointAt(0)!.toString(16)}-`)

/**
 * The name of a point from what a device calls it: "/" becomes ".", a blank or "_" at the front "-", and what the
 * domain does not allow `-x` with its code, so that two names in another script stay two; of more than 64 characters
 * the middle gives way to a digest. Undefined when none can be made of it.
 */
export const pointNamed = (name: string): string | undefined => {
  const known = names.get(name)
  if (known !== undefined) return known
  const named = nameMade(name)
  if (named === undefined || name.length > lengthMax) return named
  if (names.size >= namesMax) names.clear()
  names.set(name, named)
  return named
}

/** A campus has so many kinds of points at most; each is named with every message of it. */
const namesMax = 4096
const names = new Map<string, string>()

const nameMade = (name: string): string | undefined => {
  if (pointName.test(name)) return name
  const made = shortened(
    name
      .slice(0, readMax)
      .trim()
      .replace(/\//g, ".")
      .replace(/\s/g, "-")
      .replace(/[^A-Za-z0-9._:-]/gu, (character) => `-x${character.codePointAt(0)!.toString(16)}`)
      .replace(/^[^A-Za-z0-9]+/, "")
  )
  return pointName.test(made) ? made : undefined
}
