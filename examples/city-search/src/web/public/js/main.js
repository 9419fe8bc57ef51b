import { openCity, refreshCity, setUpCityDialog } from './city-dialog.js'
import { setUpCountries } from './country-dialog.js'
import { setUpLoseDemo } from './lose-demo.js'
import { startLivePanel } from './live-panel.js'
import { setUpNoResults } from './no-results.js'
import { search, startSearch, tell } from './search.js'

setUpCityDialog()
setUpLoseDemo()
setUpNoResults()
startSearch((id) => void openCity(id).catch(tell))
startLivePanel(() => {
  void search()
  void refreshCity().catch(tell)
})
await setUpCountries().catch(tell)
