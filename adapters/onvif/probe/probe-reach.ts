import { lookup } from "node:dns/promises"
import { connect, isIP } from "node:net"
import { Effect } from "effect"
import { type Found, StepFailed } from "./probe-step.ts"

type NodeError = Error & { readonly code?: string }

/** A name server that has not answered by then does not. */
const lookupMs = 5000

/** The device is on the campus: it takes a connection at once, or not at all. */
const connectMs = 5000

const unresolved = (host: string, code: string): StepFailed =>
  code === "ENOTFOUND"
    ? new StepFailed({
        said: `no address is known for "${host}"`,
        todo: "write the device's IP address instead, or add the name to the DNS that this machine asks"
      })
    : new StepFailed({
        said: `the name server does not say where "${host}" is (${code})`,
        todo: "check this machine's DNS, or write the device's IP address instead"
      })

/** Looks a device's name up, where it has one. */
export const findName = (host: string): Effect.Effect<Found<void>, StepFailed> => {
  if (isIP(host) !== 0)
    return Effect.succeed({ value: undefined, said: "the device is called by its address", leftOut: true })
  return Effect.tryPromise({
    try: () => lookup(host, { all: true }),
    catch: (cause) => unresolved(host, (cause as NodeError).code ?? "unknown")
  }).pipe(
    Effect.timeoutOrElse({ duration: lookupMs, orElse: () => Effect.fail(unresolved(host, "it takes too long")) }),
    Effect.map((found) => {
      const addresses = found.map(({ address }) => address)
      return { value: undefined, said: `${host} is ${addresses.join(", ")}`, facts: { addresses } }
    })
  )
}

const closedPort =
  "check the port (`discover onvif` shows it; 80, 8000, 8080, 8899 and 2020 are common), and switch ONVIF on at the device: many come with it off"

const noWay = (host: string): string =>
  `check that the device has power, and this machine's own network: \`ip route get ${host}\` tells which way it would go`

const silent =
  "check that the device has power and a cable, and that no firewall or other VLAN stands between it and this machine"

const unconnected = (host: string, place: string, error: NodeError): StepFailed => {
  // Of several addresses tried, the first one's failure says most.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeError | undefined) : undefined
  const code = (first ?? error).code ?? ""
  switch (code) {
    case "ECONNREFUSED":
      return new StepFailed({ said: `nothing listens at ${place}`, todo: closedPort })
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return new StepFailed({ said: `there is no way to ${place}`, todo: noWay(host) })
    case "ETIMEDOUT":
      return new StepFailed({ said: `nothing answers at ${place}`, todo: silent })
    default:
      return new StepFailed({ said: `${place} cannot be connected to (${(first ?? error).message})`, todo: silent })
  }
}

/** Opens a TCP connection, and closes it. */
export const reach = (host: string, port: number, place: string): Effect.Effect<Found<void>, StepFailed> =>
  Effect.callback<Found<void>, StepFailed>((resume) => {
    const socket = connect({ host, port })
    socket.once("connect", () => {
      const said = `${socket.remoteAddress ?? host} port ${port} takes connections`
      socket.destroy()
      resume(Effect.succeed({ value: undefined, said, facts: { address: socket.remoteAddress ?? host, port } }))
    })
    socket.on("error", (error) => resume(Effect.fail(unconnected(host, place, error))))
    return Effect.sync(() => void socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: connectMs,
      orElse: () =>
        Effect.fail(new StepFailed({ said: `nothing answers at ${place} within ${connectMs / 1000} s`, todo: silent }))
    })
  )
