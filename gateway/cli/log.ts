import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { say, sayJson } from "./output.ts"

/** What verifying a log found. */
export interface Verdict {
  readonly entries: number
  /** Root of the RFC 6962 tree over all entries, in hexadecimal. */
  readonly root: string
  /** Pictures looked at, where they were asked for. */
  readonly pictures?: number
  /** What does not fit, in words; empty when the log is whole. */
  readonly faults: ReadonlyArray<string>
}

/** Recomputes the tree of the log in `dataDir`, and hashes the pictures it names; needs only the files. Throws when there is no log. */
export type VerifyLog = (dataDir: string, options: { readonly evidence: boolean }) => Verdict

const wholeWords = ({ entries, root, pictures }: Verdict): string => {
  const seen = pictures === undefined ? "" : `; ${pictures} pictures, each the one that was kept`
  return `✔ ${entries} entries, unbroken; root ${root}${seen}`
}

const verifyCommand = (load: () => Promise<VerifyLog>) =>
  Command.make(
    "verify",
    {
      data: Flag.String("data").pipe(Flag.withDescription("The gateway's data directory"), Flag.withDefault("var")),
      evidence: Flag.Boolean("evidence").pipe(
        Flag.withDescription("Also whether every picture that the log names is there, and is the one that was kept"),
        Flag.withDefault(false)
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("The verdict as JSON"), Flag.withDefault(false))
    },
    Effect.fn("log verify")(function* ({ data, evidence, json }) {
      const verify = yield* Effect.promise(load)
      const verdict = yield* Effect.try({
        try: () => verify(data, { evidence }),
        catch: (cause) =>
          new CommandFailed({
            exitCode: 3,
            reason: `the log in ${data} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
            next: "npm run gatehouse -- log verify --data <data directory>"
          })
      })
      if (json) sayJson({ ok: verdict.faults.length === 0, ...verdict })
      else {
        for (const fault of verdict.faults) say(`✖ ${fault}`)
        if (verdict.faults.length === 0) say(wholeWords(verdict))
      }
      if (verdict.faults.length > 0)
        return yield* new CommandFailed({
          exitCode: 1,
          reason: `the log${evidence ? " or its evidence" : ""} was changed after it was written`,
          next: `npm run gatehouse -- log verify --data ${data}${evidence ? " --evidence" : ""} --json`
        })
    })
  ).pipe(
    Command.withDescription("Check that no entry was changed, moved or cut out of the middle, from the file alone")
  )

/** `gatehouse log`: works on a log file, without the gateway. */
export const logCommand = (load: () => Promise<VerifyLog>) =>
  Command.make("log").pipe(Command.withDescription("The security log"), Command.withSubcommands([verifyCommand(load)]))
