import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { openAnswerKey } from "../../gateway/notify/answer-key.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { startCallingGateway } from "./calling-gateway.ts"
import { makeSpool } from "./smsd.ts"

const withModem = (spool: string, more: string): string => `people:
  - { id: r-alvarez, name: R. Alvarez, role: officer, addresses: { modem: "+1 555 010 0100", sms: "+1 555 010 0100" }, reach: [modem, sms] }
  - { id: b-chen, name: B. Chen, role: supervisor, addresses: { modem: "+1 555 010 0101", sms: "+1 555 010 0101" }, reach: [sms] }
channels:
  modem: { kind: sms-modem, settings: { spool: ${spool}${more} } }
  sms: { kind: sms-http, settings: { http: { url: "http://127.0.0.1:1/", body: "{{text}}" } } }
  board: { kind: cap, settings: { sender: gatehouse@campus.edu } }
escalations:
  - { id: call, steps: [{ afterSeconds: 0, to: [{ channel: board }, { role: officer }, { role: supervisor }] }] }
notify: { routes: { critical: call } }
inbound:
  - { id: phone-app, accepts: emergencies, secret: { env: TEST_INBOUND_SECRET }, kinds: [panic] }
`

type Gateway = Awaited<ReturnType<typeof startCallingGateway>>

/** A whole gateway with a modem's spool; the test is its smsd, unless it starts one. */
export class ModemGateway {
  readonly spool: string
  readonly #directory: ReturnType<typeof temporaryDirectory>
  readonly #rest: string
  readonly #hall: string
  #running: Gateway | undefined

  private constructor(more: string, hall: string) {
    this.#directory = temporaryDirectory("modem-inbox")
    this.spool = makeSpool(this.#directory.path)
    this.#rest = withModem(this.spool, more)
    this.#hall = hall
  }

  /** `more`: further settings of the modem's channel, as they are written. `hall`: the name of where people call from. */
  static async start(more = "", hall = "Science Hall"): Promise<ModemGateway> {
    const stage = new ModemGateway(more, hall)
    await stage.begin()
    return stage
  }

  get path(): string {
    return this.#directory.path
  }

  async begin(): Promise<void> {
    const directory = { path: this.path, dispose: () => undefined }
    const token = this.#running?.token
    this.#running = await startCallingGateway("", { hall: this.#hall, rest: this.#rest, directory, token })
  }

  get gateway(): Gateway {
    if (this.#running === undefined) throw new Error("the gateway has not come up")
    return this.#running
  }

  async stop(): Promise<void> {
    await this.gateway.stop()
    this.#directory.dispose()
  }

  /** Somebody calls for help; the id of the alert. */
  async raised(): Promise<string> {
    const known = new Set((await this.gateway.alerts()).map(({ id }) => id))
    await this.gateway.signed("phone-app", {
      id: crypto.randomUUID(),
      kind: "panic",
      area: "hall",
      caller: crypto.randomUUID()
    })
    const isNew = ({ id, condition }: Readonly<Record<string, unknown>>): boolean =>
      condition === "PanicPressed" && !known.has(id)
    return String((await this.gateway.alerts()).find(isNew)?.["id"])
  }

  codeOf(alert: string, person = "r-alvarez"): string {
    return openAnswerKey(this.path).codeOf(alert, person)
  }

  /** smsd receives something: it is written beside, and renamed. */
  receives(name: string, content: string | Buffer, folder = "incoming"): string {
    const file = join(this.spool, folder, name)
    writeFileSync(`${this.spool}/${name}`, content)
    renameSync(`${this.spool}/${name}`, file)
    return file
  }

  /** smsd sends all that waits, as this id of the network's. */
  sendsAs(messageId: number): ReadonlyArray<string> {
    const waiting = readdirSync(join(this.spool, "outgoing")).filter((name) => !name.startsWith("."))
    for (const name of waiting) {
      const [head = "", text = ""] = readFileSync(join(this.spool, "outgoing", name), "utf8").split("\n\n")
      this.receives(name, `${head}\nMessage_id: ${messageId}\n\n${text}`, "sent")
      renameSync(join(this.spool, "outgoing", name), join(this.spool, `${name}.over`))
    }
    return waiting
  }
}

/** A text as smsd writes it. */
export const received = (from: string, text: string, headers = "Alphabet: ISO"): string =>
  `From: ${from}\nFrom_TOA: 91 international, ISDN/telephone\nSent: 26-11-27 12:00:00\nReceived: 26-11-27 12:00:04\nSubject: GSM1\nModem: GSM1\nReport: no\n${headers}\nLength: ${text.length}\n\n${text}`

/** A status report as smsd writes it. */
export const reported = (to: string, messageId: number, status: string): string =>
  received(
    to,
    `SMS STATUS REPORT\nMessage_id: ${messageId}\nDischarge_timestamp: 26-11-27 12:00:09\nStatus: ${status}\n`
  )
