/// <reference lib="webworker" />

const worker = self as unknown as ServiceWorkerGlobalScope

// What comes by push is a script of its own, which needs no build; so this one is no module.
worker.importScripts("/push-events.js")

/** What the console consists of, so that it opens where the gateway cannot be reached. Nothing of the API is kept here. */
const shell = "gatehouse-shell"

/** Takes the files of the gateway's release, and lets those of others go. */
const takeShell = async (): Promise<void> => {
  const answer = await fetch("/shell.json", { cache: "no-store" })
  if (!answer.ok) return
  const files = (await answer.json()) as ReadonlyArray<string>
  const cache = await caches.open(shell)
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  // What is named by its content never changes; the rest is asked for anew.
  await cache.addAll(files.filter((file) => !file.startsWith("/assets/") || !kept.has(file)))
  const wanted = new Set(files)
  for (const file of kept) if (!wanted.has(file)) await cache.delete(file)
}

worker.addEventListener("install", (event) => {
  event.waitUntil(takeShell().then(() => worker.skipWaiting()))
})

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim())
})

/** The page itself comes from the gateway where it answers, so that a new release is taken up; else as it was kept. */
const pageOf = async (request: Request): Promise<Response> => {
  try {
    const answer = await fetch(request)
    if (answer.ok) void takeShell().catch(() => {})
    return answer
  } catch {
    return (await caches.match("/")) ?? Response.error()
  }
}

const fileOf = async (request: Request): Promise<Response> => (await caches.match(request)) ?? fetch(request)

worker.addEventListener("fetch", (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== "GET" || origin !== worker.location.origin) return
  if (request.mode === "navigate" && !pathname.startsWith("/api/")) return event.respondWith(pageOf(request))
  if (pathname.startsWith("/assets/") || /^\/[\w-]+\.(?:svg|png|webmanifest)$/.test(pathname)) {
    event.respondWith(fileOf(request))
  }
})
