import { lookup } from "node:dns/promises"
import { connect, isIP } from "node:net"
import { Effect } from "effect"
import { failed, type Found, leftOut, type StepFailed } from "./steps.ts"

type NodeError = Error & { readonly code?: string }

/** A name server that has not answered by then does not. */
const lookupMs = 5000

/** What is on the campus takes a connection at once, or not at all. */
const connectMs = 5000

/** Where something listens, and in which words it is spoken of. */
export interface Reached {
  readonly host: string
  readonly port: number
  /** Host and port, as people are told them. */
  readonly place: string
  /** "device", "server". */
  readonly who: string
  /** What to check first where nothing answers, such as "the device has power". */
  readonly alive: string
  /** What to do where the port is closed. */
  readonly closedPort: string
}

const unresolved = ({ host, who }: Pick<Reached, "host" | "who">, code: string): StepFailed =>
  code === "ENOTFOUND"
    ? failed(
        `no address is known for "${host}"`,
        `write the ${who}'s IP address instead, or add the name to the DNS that this machine asks`
      )
    : failed(
        `the name server does not say where "${host}" is (${code})`,
        `check this machine's DNS, or write the ${who}'s IP address instead`
      )

/** Looks a name up, where there is one. */
export const findName = (of: Pick<Reached, "host" | "who">): Effect.Effect<Found<void>, StepFailed> => {
  const { host, who } = of
  if (isIP(host) !== 0) return Effect.succeed(leftOut(`the ${who} is called by its address`))
  return Effect.tryPromise({
    try: () => lookup(host, { all: true }),
    catch: (cause) => unresolved(of, (cause as NodeError).code ?? "unknown")
  }).pipe(
    Effect.timeoutOrElse({ duration: lookupMs, orElse: () => Effect.fail(unresolved(of, "it takes too long")) }),
    Effect.map((found) => {
      const addresses = found.map(({ address }) => address)
      return { value: undefined, said: `${host} is ${addresses.join(", ")}`, facts: { addresses } }
    })
  )
}

const silent = ({ alive }: Reached): string =>
  `check that ${alive} and a cable, and that no firewall or other VLAN stands between it and this machine`

const unconnected = (of: Reached, error: NodeError): StepFailed => {
  const { host, place, alive, closedPort } = of
  // Of several addresses tried, the first one's failure says most.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeError | undefined) : undefined
  switch ((first ?? error).code ?? "") {
    case "ECONNREFUSED":
      return failed(`nothing listens at ${place}`, closedPort)
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
      return failed(
        `there is no way to ${place}`,
        `check that ${alive}, and this machine's own network: \`ip route get ${host}\` tells which way it would go`
      )
    case "ETIMEDOUT":
      return failed(`nothing answers at ${place}`, silent(of))
    default:
      return failed(`${place} cannot be connected to (${(first ?? error).message})`, silent(of))
  }
}

/** Opens a TCP connection, and closes it. */
export const reach = (of: Reached): Effect.Effect<Found<void>, StepFailed> =>
  Effect.callback<Found<void>, StepFailed>((resume) => {
    const { host, port } = of
    const socket = connect({ host, port })
    socket.once("connect", () => {
      const address = socket.remoteAddress ?? host
      socket.destroy()
      const said = `${address} port ${port} takes connections`
      resume(Effect.succeed({ value: undefined, said, facts: { address, port } }))
    })
    socket.on("error", (error) => resume(Effect.fail(unconnected(of, error))))
    return Effect.sync(() => void socket.destroy())
  }).pipe(
    Effect.timeoutOrElse({
      duration: connectMs,
      orElse: () => Effect.fail(failed(`nothing answers at ${of.place} within ${connectMs / 1000} s`, silent(of)))
    })
  )
