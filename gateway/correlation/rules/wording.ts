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

/** What has fields that people can read; one that it leaves out is empty. */
interface Told {
  readonly said: (name: string) => string
}

/** `already`: fields that are told in other words, or tell people nothing. */
const detailsOf = (told: Told, already: ReadonlyArray<string>): string => {
  let details = ""
  for (const name of telling) {
    const value = already.includes(name) ? "" : told.said(name)
    if (value === "") continue
    const instead = standsFor[name]
    if (instead === undefined || told.said(instead) === "") details += details === "" ? value : `, ${value}`
  }
  return details
}

/** A signal in words that an officer reads as a reason. */
export const wording = (word: string, told: Told): string => {
  const isState = word.startsWith("reading:") || word === "standing"
  // Why a door has come to stand so is in the words of its machine.
  const details = detailsOf(told, word === "standing" ? ["to", "reason"] : isState ? ["to"] : [])
  const said = word.startsWith("alert:")
    ? `Alert ${plain(word.slice("alert:".length)).toLowerCase()}`
    : isState
      ? `It is ${told.said("to") || "unknown"}`
      : plain(word)
  return details === "" ? said : `${said}: ${details}`
}
