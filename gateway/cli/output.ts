import { styleText } from "node:util"

type Style = Parameters<typeof styleText>[0]

/** Colours for standard output: only on a terminal, and never when NO_COLOR is set. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stdout })

/** Data, for people or programs: the only thing that goes to standard output. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** One object of newline-delimited JSON on standard output. */
export const sayJson = (value: unknown): void => say(JSON.stringify(value))

/** Progress, warnings and hints: standard error, so that data can be piped on. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** The last line of every failure: a command that can be pasted. */
export const pointTo = (next: string): void => tell(`→ ${next}`)

/** What a device wrote, for a terminal: a topic or a payload may hold sequences that a terminal obeys. */
export const printable = (text: string): string => text.replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, "\uFFFD")

/** A command to paste with an argument in it that somebody else chose. */
export const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`

/** "1 door", "2 doors". */
export const several = (count: number, word: string, plural = `${word}s`): string =>
  `${count} ${count === 1 ? word : plural}`
