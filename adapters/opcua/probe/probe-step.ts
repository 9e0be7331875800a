import { type Step as AnyStep, Steps } from "../../probing/steps.ts"

/** The steps of a probe, in their order. */
export const stepNames = [
  "settings",
  "name",
  "connection",
  "endpoints",
  "certificate",
  "trust",
  "channel",
  "session",
  "server",
  "clock",
  "namespaces",
  "nodes",
  "subscription",
  "values",
  "events",
  "conditions",
  "commands"
] as const
export type StepName = (typeof stepNames)[number]

export type Step = AnyStep<StepName>

export type ProbeSteps = Steps<StepName>

/** Runs the steps of a probe, and tells how each ended. */
export const probeSteps = (tell: (step: Step) => void): ProbeSteps => new Steps(stepNames, tell)
