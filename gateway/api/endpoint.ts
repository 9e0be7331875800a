import type { Request, Response } from "express"
import { Effect, Result, Schema, SchemaIssue } from "effect"
import { invalidRequest, type RequestFault } from "./problem.ts"
import type { Caller, Right } from "./rights.ts"
import type { TaggedFailure } from "./sources.ts"

/** A schema that decodes what a request carries, without services. */
export type Wire = Schema.ConstraintDecoder<unknown>

/** One request, decoded. */
export interface Call<Query, Body> {
  readonly caller: Caller
  /** The caller's name, as facts carry it; empty on an open route. */
  readonly by: string
  readonly param: (name: string) => string
  readonly query: Query
  readonly body: Body
  readonly request: Request
  readonly response: Response
}

/** One line of the table that express routes and the OpenAPI document are both made from. */
export interface Endpoint {
  readonly method: "get" | "post" | "delete"
  /** As OpenAPI writes it: `/alerts/{id}`, below `/api/v1`. */
  readonly path: string
  readonly summary: string
  /** What a caller must be allowed; undefined: it answers without token or session. */
  readonly right: Right | undefined
  readonly query: Wire | undefined
  readonly body: Wire | undefined
  /** A longer body is refused before it is read. */
  readonly bodyMaxBytes: number
  /** The body is handed on as its bytes, whatever its media type: its signature is over these. */
  readonly raw: boolean
  readonly answer: Wire | undefined
  /** Status of success. */
  readonly status: 200 | 202 | 204
  /** Media type of success. */
  readonly media: string
  /** Statuses of the problems that this route adds to the general ones. */
  readonly problems: ReadonlyArray<number>
  readonly run: (caller: Caller, request: Request, response: Response) => Effect.Effect<unknown, TaggedFailure>
}

/** Either the right that it needs, or open to everybody. */
type Access = { readonly right: Right; readonly open?: never } | { readonly open: true; readonly right?: never }

interface Content<Query extends Wire, Body extends Wire, Answer extends Wire> {
  readonly method: Endpoint["method"]
  readonly path: string
  readonly summary: string
  readonly query?: Query
  readonly body?: Body
  readonly bodyMaxBytes?: number
  readonly raw?: true
  readonly answer?: Answer
  readonly status?: 202 | 204
  readonly media?: string
  readonly problems?: ReadonlyArray<number>
  readonly handle: (call: Call<Query["Type"], Body["Type"]>) => Effect.Effect<Answer["Type"], TaggedFailure>
}

const faultsOf = SchemaIssue.makeFormatterStandardSchemaV1()

const pathOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined): string =>
  (path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".")

const decoderOf = (schema: Wire, where: "body" | "query") => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })
  return (input: unknown): unknown => {
    const decoded = decode(input)
    if (Result.isSuccess(decoded)) return decoded.success
    const faults: ReadonlyArray<RequestFault> = faultsOf(decoded.failure.issue).issues.map((issue) => ({
      path: pathOf(issue.path),
      message: issue.message
    }))
    throw invalidRequest(where, faults)
  }
}

/** What officers write fits many times. */
const bodyUsualBytes = 64 * 1024

const undecoded = (): undefined => undefined

/** Makes a line of the table; the types of query, body and answer come from its schemas. */
export const endpoint = <Query extends Wire, Body extends Wire, Answer extends Wire>(
  definition: Content<Query, Body, Answer> & Access
): Endpoint => {
  const decodeQuery = definition.query === undefined ? undecoded : decoderOf(definition.query, "query")
  const decodeBody = definition.body === undefined ? undecoded : decoderOf(definition.body, "body")
  return {
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    right: definition.right,
    query: definition.query,
    body: definition.body,
    bodyMaxBytes: definition.bodyMaxBytes ?? bodyUsualBytes,
    raw: definition.raw ?? false,
    answer: definition.answer,
    status: definition.status ?? 200,
    media: definition.media ?? "application/json",
    problems: definition.problems ?? [],
    run: (caller, request, response) =>
      Effect.try({
        try: (): Call<Query["Type"], Body["Type"]> => ({
          caller,
          by: caller.name,
          param: (name) => String(request.params[name] ?? ""),
          query: decodeQuery({ ...request.query }) as Query["Type"],
          body: decodeBody(request.body ?? {}) as Body["Type"],
          request,
          response
        }),
        catch: (error) => error as TaggedFailure
      }).pipe(Effect.flatMap(definition.handle))
  }
}
