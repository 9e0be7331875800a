import type { Fact } from "../domain/fact.ts"
import { shiftFacts } from "../domain/shift.ts"
import { signInFacts } from "../domain/sign-in.ts"

type AboutPeople = Extract<Fact, { readonly _tag: keyof typeof shiftFacts | keyof typeof signInFacts }>

/** Whether a fact is about who comes in, or who works. */
export const isAboutPeople = (fact: Fact): fact is AboutPeople => fact._tag in shiftFacts || fact._tag in signInFacts

const heard = {
  heard: "heard the alarm",
  "not-heard": "did not hear the alarm",
  "no-sound": "sits where nothing sounds"
}

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`)

const lineOf = (fact: AboutPeople): string => {
  const by = fact._tag === "SignInRefused" ? "" : fact.by
  switch (fact._tag) {
    case "ShiftBegan": {
      const relieved = fact.relieves === undefined ? "" : ` and took over from ${fact.relieves.join(", ")}`
      return `${by} signed on, ${heard[fact.sound]}${relieved}`
    }
    case "ShiftEnded":
      return fact.whose === undefined
        ? `${by} signed off${because(fact.reason)}`
        : `${by} ended the shift of ${fact.whose}${because(fact.reason)}`
    case "ShiftNoted":
      return `${by} noted for the hand-over: ${fact.note}`
    case "HandedOver":
      return `${by} handed over, with ${fact.report.open.total} open alerts`
    case "HandOverSigned":
      return `${by} signed hand-over H-${fact.handOver}`
    case "SignedIn":
      return `${by} signed in by ${fact.how} from ${fact.address}`
    case "SignInRefused":
      return `sign-in as ${fact.who} from ${fact.address} is refused for a while after ${fact.tries} tries`
    case "SignedOut": {
      const whose = fact.whose === undefined ? "" : ` ${fact.whose}`
      return `${by} signed out${whose}${fact.everywhere === true ? " everywhere" : ""}`
    }
    case "PersonInvited":
      return `${by} invited ${fact.person} to set a password`
    case "PasswordSet":
      return `${by} set a password by ${fact.how}`
    case "TokenMade":
      return `${by} made the token ${fact.token} (${fact.role})${fact.until === undefined ? "" : `, good until ${new Date(fact.until).toISOString()}`}`
    case "TokenRevoked":
      return `${by} revoked the token ${fact.token}`
  }
}

/** What a fact about people says, as one line; `undefined`: it is not about people. */
export const peopleText = (fact: Fact): string | undefined => (isAboutPeople(fact) ? lineOf(fact) : undefined)
