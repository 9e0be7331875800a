import { Effect } from "effect"
import type { Settings } from "../settings/load-settings.ts"
import { CommandFailed } from "./failure.ts"
import { quoted, say, sayJson, several, tell } from "./output.ts"
import { addStubs, devicesIn, type Existing, type Stub, stubsText } from "./stubs.ts"
import { usualConfig } from "./usual-config.ts"

/** What becomes of the devices that a command has found. */
export interface Writing {
  /** The command that has found them. */
  readonly command: string
  /** Left out: standard output. */
  readonly file: string | undefined
  readonly json: boolean
  readonly make: (existing: Existing) => ReadonlyArray<Stub>
  /** Why there is nothing to add, in words. */
  readonly nothing: string
  /** The command that writes to another file. */
  readonly elsewhere: string
}

const print = ({ command, json, nothing }: Writing, stubs: ReadonlyArray<Stub>): void => {
  if (json) for (const { device, seen } of stubs) sayJson({ event: "stub", device, seen })
  else if (stubs.length > 0) say(stubsText(stubs, command).trimEnd())
  tell(
    stubs.length === 0
      ? `nothing to add: ${nothing}`
      : "the configuration is one file: the stubs above are to be put into it, or give --write=<file>"
  )
}

/** Adds those that are not there yet to a file, or prints them; answers which. */
export const writeStubs = (
  settings: Settings | undefined,
  writing: Writing
): Effect.Effect<ReadonlyArray<Stub>, CommandFailed> =>
  Effect.try({
    try: () => {
      const { command, file, make } = writing
      const stubs = make([...(settings?.campus.devices ?? []), ...(file === undefined ? [] : devicesIn(file))])
      if (file === undefined) print(writing, stubs)
      else addStubs(file, stubs, command)
      return stubs
    },
    catch: (cause) =>
      new CommandFailed({
        exitCode: 1,
        reason: `nothing was written to ${writing.file ?? "standard output"}: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: writing.elsewhere
      })
  })

/** Tells what a file was given. */
export const tellWritten = (file: string, { length: added }: ReadonlyArray<Stub>, json: boolean): void => {
  if (json) sayJson({ event: "written", file, added })
  tell(added === 0 ? `nothing to add to ${file}` : `${several(added, "device")} added to ${file}, disabled`)
}

/** What to run on a device that was added; on the configuration, where none was. */
export const tellProbe = ([first]: ReadonlyArray<Stub>, config: string = usualConfig): void =>
  tell(
    first === undefined
      ? `next: npm run gatehouse -- check ${quoted(config)}`
      : `next: npm run gatehouse -- probe ${first.device.id} --config ${quoted(config)}`
  )
