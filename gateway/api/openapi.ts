import { JsonSchema, SchemaRepresentation } from "effect"
import type { Endpoint, Wire } from "./endpoint.ts"
import { rights, rolesWith } from "./rights.ts"
import { Entry, Heartbeat, ProblemDetails } from "./shapes.ts"

type Json = Readonly<Record<string, unknown>>

/** Instants leave the gateway as ISO 8601, whatever the schema says inside. */
const instant: Json = { type: "string", format: "date-time", description: "ISO 8601, UTC" }

const general = [400, 401, 403, 429, 503]

const problemAnswer = (schema: Json): Json => ({
  description: "Problem details (RFC 9457)",
  content: { "application/problem+json": { schema } }
})

const pathParameters = (path: string): ReadonlyArray<Json> =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" }
  }))

const queryParameters = (query: Json | undefined): ReadonlyArray<Json> => {
  const properties = (query?.["properties"] ?? {}) as Readonly<Record<string, Json>>
  const required = (query?.["required"] ?? []) as ReadonlyArray<string>
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema
  }))
}

const operation = (line: Endpoint, schemaOf: (schema: Wire) => Json, problem: Json): Json => {
  const parameters = [
    ...pathParameters(line.path),
    ...queryParameters(line.query === undefined ? undefined : schemaOf(line.query))
  ]
  const answer = line.answer === undefined ? { type: "string" } : schemaOf(line.answer)
  const problems = [...new Set([...(line.right === undefined ? [400, 503] : general), ...line.problems])]
  return {
    operationId: `${line.method}${line.path.replaceAll(/[/{}]+(\w?)/g, (_, first: string) => first.toUpperCase())}`,
    summary: line.summary,
    ...(line.right === undefined
      ? { security: [] }
      : {
          description: `Takes the right \`${line.right}\` (${rights[line.right]}): ${rolesWith(line.right).join(", ")}.`,
          "x-right": line.right
        }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(line.body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: schemaOf(line.body) } } } }),
    responses: {
      [line.status]: {
        description: line.status === 204 ? "Done" : "As asked",
        ...(line.status === 204 ? {} : { content: { [line.media]: { schema: answer } } })
      },
      ...Object.fromEntries(problems.map((status) => [status, problemAnswer(problem)]))
    }
  }
}

/** The OpenAPI 3.1 document, made from the same schemas that decode the requests. */
export const openApiDocument = (table: ReadonlyArray<Endpoint>, version: string): Json => {
  const used = new Set<Wire>([Entry, Heartbeat, ProblemDetails])
  for (const line of table) {
    for (const schema of [line.query, line.body, line.answer]) if (schema !== undefined) used.add(schema)
  }
  const [first = ProblemDetails, ...rest] = used
  const { schemas, definitions } = JsonSchema.toMultiDocumentOpenApi3_1(
    SchemaRepresentation.toJsonSchemaMultiDocument(
      SchemaRepresentation.toRepresentations([first.ast, ...rest.map((schema) => schema.ast)])
    )
  )
  const made = new Map([...used].map((schema, index) => [schema, schemas[index] ?? {}]))
  const schemaOf = (schema: Wire): Json => made.get(schema) ?? {}
  const problem = schemaOf(ProblemDetails)
  const paths: Record<string, Record<string, Json>> = {}
  for (const line of table) {
    const path = `/api/v1${line.path}`
    paths[path] = { ...paths[path], [line.method]: operation(line, schemaOf, problem) }
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: { title: "Gatehouse", version, description: "Campus security gateway. Every instant is ISO 8601, UTC." },
    servers: [{ url: "/" }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: { ...definitions, EpochMs: instant },
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "gatehouse_session" }
      }
    }
  }
}
