/** Which screen is shown: signing in first, then what the address names. */
import { LocationProvider, Route, Router } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { isConnected } from './client/connection.ts'
import { Waiting } from './part/notice.tsx'
import { Toaster } from './part/toaster.tsx'
import { Decide } from './screen/decide/index.tsx'
import { History } from './screen/history/index.tsx'
import { Inspect } from './screen/inspect/index.tsx'
import { Measure } from './screen/measure/index.tsx'
import { Models } from './screen/models/index.tsx'
import { NotFound } from './screen/not-found.tsx'
import { Pictures } from './screen/pictures/index.tsx'
import { Products } from './screen/products.tsx'
import { Review } from './screen/review/index.tsx'
import { Settings } from './screen/settings/index.tsx'
import { SignIn } from './screen/sign-in.tsx'
import { Train } from './screen/train/index.tsx'
import { Shell } from './shell.tsx'
import { followJobs } from './state/job.ts'
import { refreshProducts } from './state/product.ts'
import { session } from './state/session.ts'
import { attempt } from './state/toast.ts'
import { revival } from './client/connection.ts'

export function App() {
  return (
    <LocationProvider>
      <Screens />
      <Toaster />
    </LocationProvider>
  )
}

function Screens() {
  const who = session.value
  const isSignedIn = who !== undefined && who !== null
  const back = revival.value
  useEffect(() => (isSignedIn ? followJobs() : undefined), [isSignedIn])
  useEffect(() => {
    if (isSignedIn) void attempt(refreshProducts)
  }, [isSignedIn, back])
  if (who === undefined)
    return <Waiting what={isConnected.value ? 'Opening the studio' : 'The studio does not answer yet'} />
  if (who === null) return <SignIn />
  return (
    <Shell>
      <Router>
        <Route path="/" component={Products} />
        <Route path="/sign-in" component={Products} />
        <Route path="/settings" component={Settings} />
        <Route path="/product/:product" component={Pictures} />
        <Route path="/product/:product/train" component={Train} />
        <Route path="/product/:product/decide" component={Decide} />
        <Route path="/product/:product/inspect" component={Inspect} />
        <Route path="/product/:product/review" component={Review} />
        <Route path="/product/:product/history" component={History} />
        <Route path="/product/:product/models" component={Models} />
        <Route path="/product/:product/measure" component={Measure} />
        <Route default component={NotFound} />
      </Router>
    </Shell>
  )
}
