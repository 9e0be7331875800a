import type { Client } from "aedes"
import type { Admitted } from "./broker-access.ts"
import type { Guarded } from "./broker-socket.ts"

/** Who is connected, by aedes' clients and their streams. */
export interface Clients {
  readonly connections: WeakMap<object, Guarded>
  readonly admitted: WeakMap<Client, Admitted>
  /** Whose each connected client id is: another user may not take it over, and its last will with it. */
  readonly owners: Map<string, { readonly client: Client; readonly name: string }>
}

export const makeClients = (): Clients => ({ connections: new WeakMap(), admitted: new WeakMap(), owners: new Map() })

/** A client in words: its id, and where it comes from. */
export const called = (client: Client, { connections }: Clients): string =>
  `${client.id} at ${connections.get(client.conn)?.address ?? "unknown address"}`

export const isAnothers = (id: string, name: string, { owners }: Clients): boolean => {
  const owner = owners.get(id)
  return owner !== undefined && owner.name !== name
}

/** Why a client may not publish there; `undefined` when it may. */
export const forbidden = (client: Client | null, topic: string, { admitted }: Clients): string | undefined => {
  if (topic.startsWith("$")) return `published to ${topic}, which is the broker's own`
  const user = client === null ? undefined : admitted.get(client)
  return user?.mayPublish(topic) === true ? undefined : `published to ${topic}, which ${user?.name ?? "nobody"} may not`
}
