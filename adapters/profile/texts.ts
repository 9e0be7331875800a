import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { defaultProtocol, type Protocol, protocols } from "./file.ts"

/** A profile's file, not looked into yet. */
export interface ProfileText {
  /** The file's name without `.yaml`: what a device names. */
  readonly name: string
  readonly file: string
  readonly text: string
}

/** What the profile of a file is called. */
export const profileName = (file: string): string => basename(file).replace(/\.ya?ml$/, "")

/** The profiles of a directory, by file name. Throws when the directory cannot be read. */
export const profileTexts = (directory: string): ReadonlyArray<ProfileText> =>
  readdirSync(directory)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(directory, name))
    .map((file) => ({ name: profileName(file), file, text: readFileSync(file, "utf8") }))

/** The same text without the tests that it ends with, each other thing in its place; whole where they are not its end. */
export const withoutTests = (text: string): string => {
  const at = text.search(/^tests:[ \t]*$/m)
  const isEnd = at >= 0 && !/^[^\s#-]/m.test(text.slice(at + "tests:".length))
  return isEnd ? `${text.slice(0, at)}tests: []\n` : text
}

const protocolLine = /^protocol:[ \t]*["']?([a-z]+)["']?[ \t]*(?:#.*)?$/m

/** A line that may say the protocol in another way: quoted, in braces, merged, by an anchor or an alias. */
const perhapsProtocol = /^\s*(?:["'{?&!*]|<<|protocol)|^---[ \t]*\S/m

/** The protocol that a file says in a line of its own, or leaves out; undefined where only its parser can tell. */
const plainProtocol = (text: string): string | undefined => {
  const [, said] = protocolLine.exec(text) ?? []
  return said ?? (perhapsProtocol.test(text) ? undefined : defaultProtocol)
}

/** Whether a profile may be written for one of these protocols. Parsing is what costs: it is not parsed for that. */
export const isPerhapsOf = ({ text }: ProfileText, spoken: ReadonlyArray<Protocol>): boolean => {
  const protocol = plainProtocol(text)
  return !protocols.some((known) => known === protocol) || spoken.some((one) => one === protocol)
}
