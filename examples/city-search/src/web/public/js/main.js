import { openCity, refreshCity, setUpCityDialog } from './city-dialog.js'
import { setUpCountries } from './country-dialog.js'
import { startLivePanel } from './live-panel.js'
import { search, startSearch } from './search.js'

setUpCityDialog()
startSearch((id) => void openCity(id))
startLivePanel(() => {
  void search()
  refreshCity()
})
await setUpCountries()
