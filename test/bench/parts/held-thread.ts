/**
 * Loaded into each thread of a gateway before its own code: tells, whenever the process gets SIGUSR2, what they hold once
 * all that nobody needs is collected. It goes as JSON into the file that `GATEHOUSE_BENCH_HELD` names.
 */
import { renameSync, writeFileSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { BroadcastChannel, isMainThread } from "node:worker_threads"

/** One thread's, in bytes: its heap, and what is bound to it outside. */
type Held = Pick<NodeJS.MemoryUsage, "heapUsed" | "external">

/** What threads tell one another: one has begun; the first wants to know; another answers. */
type Word = { readonly _tag: "Begun" } | { readonly _tag: "Ask" } | ({ readonly _tag: "Held" } & Held)

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

const held = (): Held => {
  // The first collection runs finalizers, which let go of more.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return { heapUsed, external }
}

const channel = new BroadcastChannel("held")
const say = (word: Word): void => channel.postMessage(word)

const answerIn = (file: string): void => {
  let others = 0
  let answers: Array<Held> = []
  channel.onmessage = (message) => {
    const word = (message as { readonly data: Word }).data
    if (word._tag === "Begun") others++
    if (word._tag !== "Held") return
    answers.push({ heapUsed: word.heapUsed, external: word.external })
    if (answers.length <= others) return
    writeFileSync(`${file}.new`, JSON.stringify(answers))
    renameSync(`${file}.new`, file)
  }
  process.on("SIGUSR2", () => {
    answers = [held()]
    say({ _tag: "Ask" })
  })
}

const file = process.env["GATEHOUSE_BENCH_HELD"]
if (isMainThread && file !== undefined) answerIn(file)
if (!isMainThread) {
  channel.onmessage = (message) => {
    if ((message as { readonly data: Word }).data._tag === "Ask") say({ _tag: "Held", ...held() })
  }
  say({ _tag: "Begun" })
}
channel.unref()
