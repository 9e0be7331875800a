import { createHmac, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"
import { phonesPage } from "./page.ts"
import { type Texts, withAnswer, withText } from "./texts.ts"

export interface PhonesOptions {
  /** Listens there, on this machine alone; 0: at a free port. */
  readonly port: number
  /** Whose phone has which number, such as `+13125550101`. */
  readonly owners: ReadonlyMap<string, string>
  /** The gateway's source of replies, to which answers go. */
  readonly answersTo: string
  /** What the gateway and the network know: answers are signed with it, and messages to the room must be. */
  readonly secret: string
  /** Told of what comes to a phone, or to the room, in words. */
  readonly onTold: (line: string) => void
}

/** Phones that run. */
export interface Phones {
  /** Where their page is. */
  readonly url: string
  readonly texts: () => Texts
  readonly close: () => Promise<void>
}

/** No text of the gateway is nearly so long. */
const bodyMaxBytes = 65_536

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyMaxBytes) throw new Error(`more than ${bodyMaxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString("utf8")
}

/** As the gateway's README tells how messages are signed: HMAC-SHA-256 over `<seconds>.<body>`. */
const signatureOf = (secret: string, seconds: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`

const isSigned = (secret: string, body: string, { headers }: IncomingMessage): boolean => {
  const seconds = String(headers["x-gatehouse-timestamp"] ?? "")
  const given = Buffer.from(String(headers["x-gatehouse-signature"] ?? ""))
  const wanted = Buffer.from(signatureOf(secret, seconds, body))
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

class Network {
  readonly #options: PhonesOptions
  #texts: Texts = []
  #sent = 0

  constructor(options: PhonesOptions) {
    this.#options = options
  }

  get texts(): Texts {
    return this.#texts
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { owners } = this.#options
    const { pathname } = new URL(request.url ?? "/", "http://phones")
    const route = `${request.method} ${pathname}`
    if (route === "GET /" || route === "HEAD /") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
      response.end(route === "GET /" ? phonesPage(owners, this.#texts) : undefined)
    } else if (route === "POST /texts") this.#text(await bodyOf(request), response)
    else if (route === "POST /room") this.#room(request, await bodyOf(request), response)
    else if (route === "POST /answers") await this.#answer(new URLSearchParams(await bodyOf(request)), response)
    else response.writeHead(404).end("There are /, /texts, /room and /answers\n")
  }

  #text(body: string, response: ServerResponse): void {
    const { owners, onTold } = this.#options
    const { to, text, receipt } = JSON.parse(body) as { readonly [name: string]: string | undefined }
    const owner = to === undefined ? undefined : owners.get(to)
    if (to === undefined || text === undefined || owner === undefined) {
      response.writeHead(422).end("Nobody has this number\n")
      return
    }
    this.#texts = withText(this.#texts, { nth: ++this.#sent, to, text, at: Date.now(), answers: [] })
    onTold(`Text to ${owner}: ${text}`)
    response.writeHead(202).end()
    // A phone says for itself that it has a text; one whose word does not come through has it all the same.
    if (receipt !== undefined && receipt !== "") void fetch(receipt).catch(() => {})
  }

  #room(request: IncomingMessage, body: string, response: ServerResponse): void {
    if (!isSigned(this.#options.secret, body, request)) {
      response.writeHead(401).end("The signature is wrong\n")
      return
    }
    const { subject = "" } = JSON.parse(body) as { readonly subject?: string }
    this.#options.onTold(`Chat room of the security desk: ${subject}`)
    response.writeHead(204).end()
  }

  async #answer(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const [nth, text] = [Number(form.get("nth")), form.get("text") ?? ""]
    const about = this.#texts.find((one) => one.nth === nth)
    if (about !== undefined) {
      this.#texts = withAnswer(this.#texts, nth, { text, outcome: await this.#send({ from: about.to, text }) })
    }
    response.writeHead(303, { location: "/" }).end()
  }

  /** What the gateway says to an answer. */
  async #send(answer: { readonly from: string; readonly text: string }): Promise<string> {
    const { answersTo, secret } = this.#options
    const body = JSON.stringify(answer)
    const seconds = String(Math.floor(Date.now() / 1000))
    const headers = {
      "content-type": "application/json",
      "x-gatehouse-timestamp": seconds,
      "x-gatehouse-signature": signatureOf(secret, seconds, body)
    }
    try {
      const answered = await fetch(answersTo, { method: "POST", headers, body })
      if (answered.ok) return "taken by the gateway"
      const { detail = "" } = (await answered.json()) as { readonly detail?: string }
      return `refused: ${detail === "" ? answered.status : detail}`
    } catch (error) {
      return `not sent: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

const listen = (options: PhonesOptions): Promise<Phones> =>
  new Promise((resolve, reject) => {
    const network = new Network(options)
    const server = createServer((request, response) => {
      network.take(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else response.writeHead(400).end(`${error instanceof Error ? error.message : String(error)}\n`)
      })
    })
    server.once("error", reject)
    server.listen(options.port, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : options.port
      const close = (): Promise<void> =>
        new Promise((closed) => {
          server.close(() => closed())
          server.closeAllConnections()
        })
      resolve({ url: `http://127.0.0.1:${port}/`, texts: () => network.texts, close })
    })
  })

/**
 * The phones of the people, on one socket: `POST /texts` is a provider of text messages (`to`, `text`, `receipt`), `POST
 * /room` a chat room that takes signed webhooks, and `/` shows every phone and lets its owner answer. They ring until the
 * scope closes.
 */
export const openPhones = (options: PhonesOptions): Effect.Effect<Phones, Error, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => listen(options),
      catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
    }),
    (phones) => Effect.promise(() => phones.close())
  )
