import { Component, Suspense, type ReactNode } from "react"
import type { PageLine, PageProps } from "./page.ts"

interface BoundaryProps {
  readonly name: string
  readonly children: ReactNode
}

/** A page that cannot be loaded or drawn says so; the rest of the console goes on. */
class PageBoundary extends Component<BoundaryProps, { readonly failed: string | undefined }> {
  override state: { readonly failed: string | undefined } = { failed: undefined }

  static getDerivedStateFromError(error: unknown): { readonly failed: string } {
    return { failed: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.failed === undefined) return this.props.children
    return (
      <main className="page">
        <section className="panel page-failed" role="alert">
          <h2>{this.props.name} cannot be shown</h2>
          <p>{this.state.failed}</p>
          <p>The gateway may be away, or be another release than this page. Alerts still come in at the desk.</p>
          <button type="button" className="primary" onClick={() => location.reload()}>
            Load the console anew
          </button>
        </section>
      </main>
    )
  }
}

/** One page, with what is shown until it is there and when it fails. */
export const PageView = ({ line, ...props }: PageProps & { readonly line: PageLine }) => {
  const loading = (
    <main className="page" hidden={props.hidden}>
      <p className="empty">Loading…</p>
    </main>
  )
  return (
    <PageBoundary name={line.name}>
      <Suspense fallback={loading}>
        <line.view {...props} />
      </Suspense>
    </PageBoundary>
  )
}
