import type { Request, Response } from "express"
import { Effect, Result, Schema, SchemaIssue } from "effect"
import { invalidRequest, type RequestFault } from "./problem.ts"
import type { TaggedFailure } from "./sources.ts"

/** A schema that decodes what a request carries, without services. */
export type Wire = Schema.ConstraintDecoder<unknown>

/** One request, decoded. */
export interface Call<Query, Body> {
  /** The officer or the token that calls; empty on an open route. */
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
  /** Answers without token or session. */
  readonly open: boolean
  readonly query: Wire | undefined
  readonly body: Wire | undefined
  /** A longer body is refused before it is read. */
  readonly bodyMaxBytes: number
  readonly answer: Wire | undefined
  /** Status of success. */
  readonly status: 200 | 202 | 204
  /** Media type of success. */
  readonly media: string
  /** Statuses of the problems that this route adds to the general ones. */
  readonly problems: ReadonlyArray<number>
  readonly run: (by: string, request: Request, response: Response) => Effect.Effect<unknown, TaggedFailure>
}

interface Definition<Query extends Wire, Body extends Wire, Answer extends Wire> {
  readonly method: Endpoint["method"]
  readonly path: string
  readonly summary: string
  readonly open?: true
  readonly query?: Query
  readonly body?: Body
  readonly bodyMaxBytes?: number
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
  definition: Definition<Query, Body, Answer>
): Endpoint => {
  const decodeQuery = definition.query === undefined ? undecoded : decoderOf(definition.query, "query")
  const decodeBody = definition.body === undefined ? undecoded : decoderOf(definition.body, "body")
  return {
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    open: definition.open ?? false,
    query: definition.query,
    body: definition.body,
    bodyMaxBytes: definition.bodyMaxBytes ?? bodyUsualBytes,
    answer: definition.answer,
    status: definition.status ?? 200,
    media: definition.media ?? "application/json",
    problems: definition.problems ?? [],
    run: (by, request, response) =>
      Effect.try({
        try: (): Call<Query["Type"], Body["Type"]> => ({
          by,
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
