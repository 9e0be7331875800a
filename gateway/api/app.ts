import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express"
import type { Context } from "effect"
import helmet from "helmet"
import { consoleFiles } from "./console-files.ts"
import { endpoints } from "./endpoints.ts"
import type { Endpoint } from "./endpoint.ts"
import { metricsText } from "./metrics.ts"
import { openApiDocument } from "./openapi.ts"
import { notJson, problemBody, problemOf, unknownRoute, wrongMethod } from "./problem.ts"
import type { Right } from "./rights.ts"
import { routeOf } from "./route.ts"
import type { Sources } from "./sources.ts"
import { wireJson } from "../domain/wire.ts"

interface AppOptions {
  readonly sources: Sources
  readonly consoleDir: string
  readonly version: string
  readonly context: Context.Context<never>
  /** Told of every error that answers 500. */
  readonly onFault: (error: unknown) => void
}

/** Everything from our own origin. No upgrade to HTTPS: the gateway speaks plain HTTP on loopback. */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      "default-src": ["'self'"],
      "img-src": ["'self'", "data:", "blob:"],
      "object-src": ["'none'"],
      "base-uri": ["'none'"],
      "form-action": ["'self'"],
      "frame-ancestors": ["'none'"]
    }
  },
  strictTransportSecurity: false
})

const hasBody = (request: Request): boolean =>
  request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0

const onlyJson: RequestHandler = (request, _response, next) => {
  if (!hasBody(request) || request.is("application/json")) return next()
  next(notJson(request.get("content-type") ?? "none"))
}

const health = (sources: Sources): express.Router => {
  const router = express.Router()
  router.get("/healthz", (_request, response) => {
    response.json({ up: true })
  })
  router.get("/readyz", (_request, response) => {
    const { accepting, refusedSince } = sources.intake.status()
    const links: Record<string, number> = {}
    for (const state of sources.links.states().values()) links[state._tag] = (links[state._tag] ?? 0) + 1
    const since = refusedSince === undefined ? {} : { since: refusedSince }
    const answer = wireJson({ ready: accepting, store: { accepting, ...since }, links, outbox: sources.outbox() })
    response
      .status(accepting ? 200 : 503)
      .type("json")
      .set("Cache-Control", "no-store")
    if (!accepting) response.set("Retry-After", "5")
    response.send(answer)
  })
  return router
}

const apiRoutes = ({ sources, version, context }: AppOptions): express.Router => {
  const table: ReadonlyArray<Endpoint> = endpoints(sources)
  const router = express.Router()
  const allowed =
    (right: Right): RequestHandler =>
    (request, _response, next) => {
      sources.guard.admit(request, right)
      next()
    }
  // Who calls, and whether they may, is settled before a byte of the body is parsed.
  const parse = ({ body, raw, bodyMaxBytes: limit }: Endpoint): ReadonlyArray<RequestHandler> => {
    if (raw) return [express.raw({ type: () => true, limit })]
    return body === undefined ? [] : [onlyJson, express.json({ limit })]
  }
  for (const line of table) {
    const path = line.path.replaceAll(/\{(\w+)\}/g, ":$1")
    const before = [...(line.right === undefined ? [] : [allowed(line.right)]), ...parse(line)]
    router[line.method](path, ...before, routeOf(context, line, sources.guard))
  }
  router.use(allowed("own-session"))
  const document = openApiDocument(table, version)
  router.get("/openapi.json", (_request, response) => {
    response.json(document)
  })
  for (const path of new Set(table.map((line) => line.path))) {
    const methods = table.filter((line) => line.path === path).map((line) => line.method.toUpperCase())
    router.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), (request, _response, next) => {
      next(wrongMethod(request.method, `/api/v1${path}`, methods))
    })
  }
  return router
}

/** The whole HTTP face of the gateway as an express application. */
export const makeApp = (options: AppOptions): Express => {
  const { sources } = options
  const app = express().disable("x-powered-by").disable("etag").set("query parser", "simple")
  app.use(headers)
  app.use(health(sources))
  app.use("/api/v1", apiRoutes(options))
  app.get("/metrics", (request, response) => {
    sources.guard.admit(request, "see")
    response.type("text/plain; version=0.0.4; charset=utf-8").send(metricsText(sources))
  })
  app.use("/api", (request, _response, next) => {
    sources.guard.admit(request, "own-session")
    next()
  })
  app.use(consoleFiles(options.consoleDir))
  app.use((request, _response, next) => {
    next(unknownRoute(request.method, request.path))
  })
  const onError: ErrorRequestHandler = (error, _request, response, _next) => {
    const problem = problemOf(error)
    if (problem.status === 500) options.onFault(error)
    if (response.headersSent) return void response.destroy()
    response
      .status(problem.status)
      .set(problem.headers ?? {})
      .type("application/problem+json")
      .send(JSON.stringify(problemBody(problem)))
  }
  app.use(onError)
  return app
}
