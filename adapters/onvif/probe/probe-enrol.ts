import { Effect } from "effect"
import { deviceServiceUrl } from "../wire/address.ts"
import { reachStep, type Target } from "./probe.ts"
import { certificateAt, withColons } from "./probe-certificate.ts"
import { StepFailed } from "../../probing/steps.ts"
import { probeSteps, type Step } from "./probe-step.ts"
import type { DeviceCertificate } from "../wire/tls.ts"

/** What a device shows, and whether it is what the configuration has. */
export interface Shown extends DeviceCertificate {
  readonly withColons: string
  readonly enrolled: boolean
}

export interface EnrolOptions extends Target {
  /** Told of each step as it ends. */
  readonly tell: (step: Step) => void
}

const urlOf = (address: string): Effect.Effect<URL, StepFailed> => {
  // Once it has a fingerprint, a device without a scheme is called by https.
  const url = deviceServiceUrl(address, true)
  if (url === undefined)
    return Effect.fail(
      new StepFailed({
        said: `"${address}" is no address of a device`,
        todo: "write its host, host:port, or https URL"
      })
    )
  if (url.protocol === "https:") return Effect.succeed(url)
  return Effect.fail(
    new StepFailed({
      said: `the device is called at ${url.origin}, where nothing is encrypted`,
      todo: "a certificate is shown by TLS alone: switch HTTPS on at the device, and write its https:// address"
    })
  )
}

/** Reads the certificate that a device shows. Neither credentials nor anything else is sent. */
export const showCertificate = ({ device, tell }: EnrolOptions): Effect.Effect<Shown | undefined> => {
  const steps = probeSteps(tell)
  return Effect.gen(function* () {
    const url = yield* urlOf(device.address).pipe(
      Effect.tapError((failure) => Effect.ignore(steps.run("settings", failure)))
    )
    yield* reachStep(steps, url)
    const shown = yield* steps.run(
      "certificate",
      Effect.map(certificateAt(url), (value) => ({ value, said: value.subject }))
    )
    const enrolled = device.parameters?.["fingerprint"]?.replaceAll(":", "").toLowerCase() === shown.fingerprint
    return { ...shown, withColons: withColons(shown.fingerprint), enrolled }
  }).pipe(Effect.catch(() => Effect.succeed(undefined)))
}
