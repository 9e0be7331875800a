import { randomUUID } from "node:crypto"
import type { Client } from "aedes"
import type { Delivery, LinkContext } from "../adapter.ts"
import type { Asker } from "./asks.ts"
import { called, type Clients, forbidden } from "./broker-clients.ts"
import { checksumOf } from "./delivery.ts"
import type { Mapping } from "./mapping.ts"
import type { Publish } from "./publish-packet.ts"

/**
 * Keeps a message of a client of the embedded broker, or its last will. `done` is called once: without an argument when it
 * is on disk, or when there is nothing to keep of it (at once then), else with the reason; who said it is to be cut then,
 * without an answer.
 */
export type Keep = (client: Client | null, message: Publish, done: (refusal?: Error) => void) => void

/** What a client's message is as a delivery. Each connection is a session of its own. */
const deliveries = ({ admitted }: Clients): ((client: Client, message: Publish) => Delivery | undefined) => {
  const sessions = new WeakMap<Client, { readonly session: string; readonly sender: string }>()
  const sessionOf = (client: Client) => {
    const known = sessions.get(client)
    if (known !== undefined) return known
    // A client id is its user's own only while it is connected: what one user sent is no other's to send again.
    const begun = { session: randomUUID(), sender: `${admitted.get(client)?.name ?? ""} ${client.id}` }
    sessions.set(client, begun)
    return begun
  }
  return (client, message) => {
    const { qos, messageId, dup: redelivered } = message
    if (qos === 0 || messageId === undefined) return undefined
    const { session, sender } = sessionOf(client)
    return { slot: `${sender} ${messageId}`, session, redelivered, digest: checksumOf(message) }
  }
}

export const makeKeep = (mapping: Mapping, clients: Clients, context: LinkContext, ask: Asker): Keep => {
  const deliveryFor = deliveries(clients)
  return (client, message, done) => {
    const { topic, payload } = message
    const why = forbidden(client, topic, clients)
    if (why !== undefined) {
      context.refused(client === null ? "the broker" : called(client, clients), why)
      return done(new Error(why))
    }
    const receivedAt = context.now()
    // A publish with the retain flag is news to us: the flag only asks the broker to keep it for others.
    const { observations, outcome, asks } = mapping.normalize({ topic, payload, retained: false, receivedAt })
    context.count(outcome)
    ask(asks)
    if (observations.length === 0) return done()
    if (client === null) return context.report({ observations, receivedAt }, done)
    const source = client.id
    const delivery = deliveryFor(client, message)
    const told =
      delivery === undefined ? { observations, receivedAt, source } : { observations, receivedAt, source, delivery }
    context.report(told, done)
  }
}
