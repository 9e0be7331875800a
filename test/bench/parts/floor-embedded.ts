/**
 * The floor of the embedded broker, as a process of its own: bare aedes and the floors' store. Its hook before PUBACK
 * parses each message and answers once it is on disk; it does nothing else.
 *
 *     node test/bench/parts/floor-embedded.ts <port> <database file>
 */
import { createServer } from "node:net"
import { Aedes } from "aedes"
import { openFloorStore, type Press } from "./floor-store.ts"

const [port = "", file = ""] = process.argv.slice(2)
const keep = openFloorStore(file)
const broker = await Aedes.createBroker({
  authorizePublish: (_, packet, decide) =>
    keep(packet.topic, JSON.parse(packet.payload.toString()) as Press, () => decide(null))
})
createServer(broker.handle).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"))
