import { Cause, Exit } from "effect"
import { AnswerLost, CredentialsRejected, LinkLost, NotKept, Unable } from "../../../adapters/adapter.ts"
import type { Failure } from "./messages.ts"

type Told = Readonly<Record<string, unknown>>

const reasonOf = (told: Told): { readonly reason: string } => ({ reason: String(told["reason"]) })

/** The failures of the contract, made anew from what they say. */
const known: Readonly<Record<string, (told: Told) => unknown>> = {
  LinkLost: (told) => new LinkLost(reasonOf(told)),
  CredentialsRejected: (told) => new CredentialsRejected(reasonOf(told)),
  Unable: (told) => new Unable(reasonOf(told)),
  AnswerLost: (told) => new AnswerLost(reasonOf(told)),
  NotKept: (told) => new NotKept(reasonOf(told))
}

const isTagged = (error: unknown): error is Error & { readonly _tag: string } =>
  error instanceof Error && "_tag" in error && typeof error._tag === "string" && Object.hasOwn(known, error._tag)

/** A cause as it crosses between threads. */
export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const error = Cause.squash(cause)
  if (!isTagged(error)) return { _tag: "Bug", words: Cause.pretty(cause) }
  const { _tag: tag, ...told } = error
  return { _tag: "Failed", tag, told: { ...told, reason: error.message } }
}

/** How something ended over there that failed: with a failure of the contract, or by a bug. */
export const exitOf = <E>(failure: Failure): Exit.Exit<never, E> => {
  if (failure._tag === "Bug") return Exit.die(new Error(failure.words))
  const make = known[failure.tag]
  return make === undefined
    ? Exit.die(new Error(`a failure that nobody knows: ${failure.tag}`))
    : Exit.fail(make(failure.told) as E)
}
