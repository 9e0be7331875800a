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
