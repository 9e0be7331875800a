import { fieldsOfWords } from "./vocabulary.ts"

/** `AccessDenied` → `Access denied`. */
const plain = (word: string): string => {
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

/** What has fields that people can read; one that it leaves out is empty. */
interface Told {
  readonly said: (name: string) => string
}

/** How signals of a word are told: what there is to say of all of them, and which of their fields say more. */
interface Phrase {
  /** `undefined`: it is a state, and says itself what it has come to. */
  readonly said: string | undefined
  readonly details: ReadonlyArray<(typeof telling)[number]>
}

const phrases = new Map<string, Phrase>()

/** Each put together once: there are few words, and each is said over and over. */
const phraseOf = (word: string): Phrase => {
  const known = phrases.get(word)
  if (known !== undefined) return known
  const isState = word.startsWith("reading:") || word === "standing"
  // Why a door has come to stand so is in the words of its machine.
  const already = word === "standing" ? ["to", "reason"] : isState ? ["to"] : []
  const fields = fieldsOfWords([word])
  const plainly = word.startsWith("alert:") ? `Alert ${plain(word.slice("alert:".length)).toLowerCase()}` : plain(word)
  const made: Phrase = {
    said: isState ? undefined : plainly,
    details: telling.filter((name) => Object.hasOwn(fields, name) && !already.includes(name))
  }
  phrases.set(word, made)
  return made
}

const detailsOf = (told: Told, names: Phrase["details"]): string => {
  let details = ""
  for (const name of names) {
    const value = told.said(name)
    if (value === "") continue
    const instead = standsFor[name]
    if (instead === undefined || told.said(instead) === "") details += details === "" ? value : `, ${value}`
  }
  return details
}

/** A signal in words that an officer reads as a reason. */
export const wording = (word: string, told: Told): string => {
  const phrase = phraseOf(word)
  const details = detailsOf(told, phrase.details)
  const said = phrase.said ?? `It is ${told.said("to") || "unknown"}`
  return details === "" ? said : `${said}: ${details}`
}
