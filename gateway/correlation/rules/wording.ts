import { type Scope, textIn } from "./where.ts"

const plainWords = new Map<string, string>()

/** `AccessDenied` → `Access denied`. There are few words, and each is said over and over. */
const plain = (word: string): string => {
  const known = plainWords.get(word)
  if (known !== undefined) return known
  const said = spelled(word)
  plainWords.set(word, said)
  return said
}

const spelled = (word: string): string => {
  const words = word.replace(/([a-z])([A-Z])/g, "$1 $2").split(" ")
  return words.map((one, nth) => (nth === 0 ? one : one.toLowerCase())).join(" ")
}

/** What of a signal an officer is told with it, in this order, as far as it has it. */
const telling = [
  "reason",
  "holder",
  "credential",
  "object",
  "person",
  "plate",
  "to",
  "point",
  "device",
  "title"
] as const

/** What is not told because something else is: the holder's name stands for the credential, and the point for its device. */
const standsFor: { readonly [name in (typeof telling)[number]]?: string } = { credential: "holder", device: "point" }

/** `said`: the field that is told already. */
const detailsOf = (scope: Scope, said: string | undefined): ReadonlyArray<string> => {
  const details: Array<string> = []
  for (const name of telling) {
    if (name === said) continue
    const value = textIn(scope, name)
    const instead = standsFor[name]
    if (value !== "" && (instead === undefined || textIn(scope, instead) === "")) details.push(value)
  }
  return details
}

/** A signal in words that an officer reads as a reason. */
export const wording = (word: string, scope: Scope): string => {
  const isState = word.startsWith("reading:") || word === "standing"
  const details = detailsOf(scope, isState ? "to" : undefined)
  const said = word.startsWith("alert:")
    ? `Alert ${plain(word.slice("alert:".length)).toLowerCase()}`
    : isState
      ? `It is ${textIn(scope, "to") || "unknown"}`
      : plain(word)
  return details.length === 0 ? said : `${said}: ${details.join(", ")}`
}
