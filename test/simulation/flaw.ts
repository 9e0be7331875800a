import type { LinkContext } from "../../adapters/adapter.ts"
import type Database from "better-sqlite3"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"

/**
 * Something that breaks a promise on purpose, around the gateway's own code and never in it, to show that a simulation
 * would see it. `says kept too early`: devices are told before the disk has it. `forgets deliveries`: a restarted process
 * knows no message that it had. `forgets an alert`: the newest snapshot lacks one. `never wakes`: nothing that falls due is
 * told. `calls twice`: a panel hears each word of an officer twice.
 */
export const flaws = [
  "says kept too early",
  "forgets deliveries",
  "forgets an alert",
  "never wakes",
  "calls twice"
] as const
export type Flaw = (typeof flaws)[number]

/** The context of a link, as a flaw leaves it. */
export const flawedContext = (context: LinkContext, flaw: Flaw | undefined, soon: EventLoop["soon"]): LinkContext =>
  flaw !== "says kept too early"
    ? context
    : {
        ...context,
        report: (report, settled) => {
          context.report(report, () => {})
          soon(() => settled())
        }
      }

/** The event loop of intake, as a flaw leaves it. */
export const flawedLoop = (loop: EventLoop, flaw: Flaw | undefined): EventLoop =>
  flaw === "never wakes" ? { ...loop, after: () => () => {} } : loop

/** The log that a process finds, as a flaw leaves it. */
export const flawedLog = (database: Database.Database, flaw: Flaw | undefined): void => {
  if (flaw === "forgets deliveries") database.exec("DELETE FROM delivery")
  if (flaw !== "forgets an alert") return
  database.exec("UPDATE snapshot SET body = json_remove(body, '$.alerts[0]')")
}
