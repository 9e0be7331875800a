/**
 * The long kill run of the outbox: a gateway that tells people over a real mail server and a real HTTP receiver, killed 200
 * times between sending a message and marking it as sent.
 *
 *     node test/notify/outbox-long.ts [--kills 200] [--seed 1]
 *
 * Exits 0 when no notification is lost and all copies of each had the same key.
 */
import { parseArgs } from "node:util"
import { outboxRun } from "./outbox-kill.ts"

const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, seed: { type: "string", default: "1" } }
})
const startedAt = Date.now()
const { kills, owed, handedOver, received, mailIds } = await outboxRun({
  kills: Number(values.kills),
  seed: Number(values.seed)
})
const copies = [...received.values()].reduce((sum, times) => sum + times, 0)
const lost = owed.filter((key) => !received.has(key)).length
const strange = [...received.keys()].filter((key) => !owed.includes(key)).length
const split = [...mailIds.values()].filter((ids) => ids.size !== 1).length
console.log(
  `${kills} kills in ${Math.round((Date.now() - startedAt) / 1000)} s: ${owed.length} notifications owed, ` +
    `${handedOver.length} marked as handed over, ${received.size} received in ${copies} copies, ${lost} lost, ` +
    `${strange} with another key, ${split} mails with several ids`
)
process.exitCode = lost === 0 && strange === 0 && split === 0 && handedOver.length === owed.length ? 0 : 1
