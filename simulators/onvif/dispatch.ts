import type { IncomingMessage, ServerResponse } from "node:http"
import type { Access, Verdict } from "./access.ts"
import type { Counters } from "./counters.ts"
import type { DeviceContext, Service } from "./device-context.ts"
import { subscriptionPath } from "./event-service.ts"
import { namespaces } from "./namespaces.ts"
import { snapshotPath } from "./media-service.ts"
import {
  addressingXml,
  answered,
  envelope,
  faultXml,
  faults as soapFaults,
  type Outcome,
  readRequest,
  type SoapFault,
  type SoapRequest
} from "./soap.ts"
import type { Snapshots } from "./snapshot.ts"
import { send, type Spoiling } from "./spoil.ts"
import { nothing, verbatim, type Xml } from "./xml.ts"

/** No request to a device is longer. */
const requestMaxBytes = 1024 * 1024

const soapType = "application/soap+xml; charset=utf-8"

/** WS-Addressing 1.0 SOAP Binding, 6: the action of an ordinary SOAP fault. */
const soapFaultAction = "http://www.w3.org/2005/08/addressing/soap/fault"

const bodyOf = (request: IncomingMessage): Promise<string | undefined> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer> = []
    let size = 0
    request.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size <= requestMaxBytes) chunks.push(chunk)
    })
    request.on("end", () => resolve(size > requestMaxBytes ? undefined : Buffer.concat(chunks).toString("utf8")))
    request.on("error", () => resolve(undefined))
  })

/** Calls that ONVIF Core wants WS-Addressing in: those of the event services. */
const needsAddressing = (service: Service): boolean => service.namespace === namespaces.tev

const contentTypeAction = (request: IncomingMessage): string | undefined =>
  /;\s*action\s*=\s*"?([^";]*)"?/i.exec(request.headers["content-type"] ?? "")?.[1]

const notFound = (response: ServerResponse): void =>
  send(response, { status: 404, headers: {}, body: Buffer.alloc(0) }, undefined)

/** Everything between a request and its answer. */
export class Dispatcher {
  readonly #context: DeviceContext
  readonly #access: Access
  readonly #services: ReadonlyArray<Service>
  readonly #snapshots: Snapshots
  readonly #counters: Counters

  constructor(parts: {
    readonly context: DeviceContext
    readonly access: Access
    readonly services: ReadonlyArray<Service>
    readonly snapshots: Snapshots
    readonly counters: Counters
  }) {
    this.#context = parts.context
    this.#access = parts.access
    this.#services = parts.services
    this.#snapshots = parts.snapshots
    this.#counters = parts.counters
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.on("error", () => {})
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://device")
    if (request.method === "POST") void this.#post(path, request, response)
    else if (request.method === "GET" && path.startsWith(`${snapshotPath}/`))
      this.#get(path, searchParams.get("boot"), request, response)
    else notFound(response)
  }

  /** How this answer is to be spoilt; a fault for so many times counts down. */
  #spoilingOf(operation: string): Spoiling | undefined {
    const { answers } = this.#context.faults()
    const name = Object.hasOwn(answers, operation) ? operation : "*"
    const spoiling = answers[name]
    if (spoiling?.times === undefined) return spoiling
    if (spoiling.times <= 0) return undefined
    this.#context.setFaults({ answers: { ...answers, [name]: { ...spoiling, times: spoiling.times - 1 } } })
    return spoiling
  }

  #get(path: string, boot: string | null, request: IncomingMessage, response: ServerResponse): void {
    this.#counters.count("Snapshot")
    const source = decodeURIComponent(path.slice(snapshotPath.length + 1))
    const moved = this.#context.faults().snapshotMoves && boot !== String(this.#context.memory.boots)
    if (moved || !this.#snapshots.has(source)) return notFound(response)
    const verdict = this.#access.toFetch(request)
    const refused = verdict._tag !== "Admitted"
    const spoiling = refused ? undefined : this.#spoilingOf("Snapshot")
    if (refused) this.#refuse(response, verdict, undefined)
    else if (spoiling !== undefined)
      send(response, { status: 200, headers: { "content-type": "image/jpeg" }, body: Buffer.alloc(0) }, spoiling)
    else this.#snapshots.answer(response, source, verdict.headers)
  }

  async #post(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request)
    if (text === undefined) return send(response, { status: 413, headers: {}, body: Buffer.alloc(0) }, undefined)
    const soap = readRequest(text)
    if ("code" in soap) return this.#fail(response, soap, undefined, undefined)
    const operation = soap.body.name
    this.#counters.count(operation)
    const spoiling = this.#spoilingOf(operation)
    if (this.#contentTypeRefused(request, soap, response)) return
    const verdict = this.#access.toCall(request, operation, soap.header)
    if (verdict._tag !== "Admitted") return this.#refuse(response, verdict, soap)
    if (spoiling?._tag === "Hang") return
    const outcome = await this.#perform(path, soap, response)
    switch (outcome._tag) {
      case "Dropped":
        return void response.destroy()
      case "Failed":
        return this.#fail(response, outcome.fault, soap, spoiling, verdict.headers)
      case "Answered":
        return this.#answer(response, { status: 200, action: outcome.action, body: outcome.body }, soap, {
          spoiling,
          headers: verdict.headers
        })
    }
  }

  #contentTypeRefused(request: IncomingMessage, soap: SoapRequest, response: ServerResponse): boolean {
    const given = contentTypeAction(request) !== undefined
    switch (this.#context.faults().contentTypeAction) {
      case "ignored":
        return false
      case "required":
        if (!given) send(response, { status: 400, headers: {}, body: Buffer.alloc(0) }, undefined)
        return !given
      case "silent":
        if (!given)
          send(response, { status: 200, headers: { "content-type": soapType }, body: Buffer.alloc(0) }, undefined)
        return !given
      case "refused":
        if (given) this.#fail(response, soapFaults.invalidArgs("unexpected action in Content-Type"), soap, undefined)
        return given
    }
  }

  #serviceOf(path: string): Service | undefined {
    return this.#services.find(
      (service) =>
        path === service.path || (service.path === subscriptionPath && path.startsWith(`${subscriptionPath}/`))
    )
  }

  async #perform(path: string, soap: SoapRequest, response: ServerResponse): Promise<Outcome> {
    const operation = soap.body.name
    const service = this.#serviceOf(path)
    const perform = service?.operations[operation]
    const spoken = service !== undefined && speaks(service, soap)
    if (service === undefined || perform === undefined || !spoken || !Object.hasOwn(service.operations, operation))
      return { _tag: "Failed", fault: soapFaults.unknownAction(operation) }
    if (this.#context.faults().unsupported.includes(operation))
      return { _tag: "Failed", fault: soapFaults.actionNotSupported(operation) }
    const unaddressed = this.#addressingFault(service, operation, soap)
    if (unaddressed !== undefined) return { _tag: "Failed", fault: unaddressed }
    const onGone = (gone: () => void): void => void response.once("close", gone)
    const result = await perform({ request: soap, path, onGone })
    return typeof result === "string" ? answered(`${service.actionOf(operation)}Response`, result) : result
  }

  #addressingFault(service: Service, operation: string, soap: SoapRequest): SoapFault | undefined {
    const { addressing } = this.#context.faults()
    if (addressing === "ignored" || !needsAddressing(service)) return undefined
    if (addressing === "required") {
      if (soap.action === undefined) return soapFaults.headerRequired("Action")
      if (soap.messageId === undefined) return soapFaults.headerRequired("MessageID")
    }
    const differs = soap.action !== undefined && soap.action !== `${service.actionOf(operation)}Request`
    return differs ? soapFaults.actionMismatch(soap.action) : undefined
  }

  #refuse(
    response: ServerResponse,
    verdict: Exclude<Verdict, { _tag: "Admitted" }>,
    soap: SoapRequest | undefined
  ): void {
    this.#counters.refused()
    if (verdict._tag === "Forbidden") return this.#fail(response, soapFaults.notAuthorized, soap, undefined)
    const headers = { "www-authenticate": [...verdict.challenges], "content-type": "text/plain" }
    send(response, { status: 401, headers, body: Buffer.from("401 Unauthorized") }, undefined)
  }

  #fail(
    response: ServerResponse,
    fault: SoapFault,
    soap: SoapRequest | undefined,
    spoiling: Spoiling | undefined,
    headers: Readonly<Record<string, string>> = {}
  ): void {
    this.#answer(
      response,
      { status: fault.status, action: fault.action ?? soapFaultAction, body: faultXml(fault) },
      soap,
      { spoiling, headers }
    )
  }

  #answer(
    response: ServerResponse,
    { status, action, body }: { readonly status: number; readonly action: string; readonly body: Xml },
    soap: SoapRequest | undefined,
    {
      spoiling,
      headers
    }: { readonly spoiling: Spoiling | undefined; readonly headers: Readonly<Record<string, string>> }
  ): void {
    if (response.destroyed) return
    const addressed = soap?.action !== undefined || soap?.messageId !== undefined
    const addressing = addressed ? addressingXml(action, soap) : nothing
    const header = verbatim(addressing + (this.#context.faults().echoesHeader ? echo(soap) : ""))
    const wire = {
      status,
      headers: { ...headers, "content-type": soapType },
      body: Buffer.from(envelope(header, body))
    }
    send(response, wire, spoiling)
  }
}

/** The request's own Security header, as it came. */
const echo = (soap: SoapRequest | undefined): string =>
  /<(?:[\w-]+:)?Security\b[\s\S]*<\/(?:[\w-]+:)?Security>/.exec(soap?.raw ?? "")?.[0] ?? ""

/** The operation's element is in the service's namespace; WS-BaseNotification's own operations are in its. */
const speaks = (service: Service, { body }: SoapRequest): boolean =>
  body.namespace ===
  (baseOperations.has(body.name) && service.namespace === namespaces.tev ? namespaces.wsnt : service.namespace)

const baseOperations: ReadonlySet<string> = new Set(["Subscribe", "Renew", "Unsubscribe"])
