package entsoe

import (
	"strings"

	"hearth/feeds"
)

// areas are the codes of bidding zones, as ENTSO-E lists them.
var areas = map[string]string{
	"AT": "10YAT-APG------L", "BE": "10YBE----------2", "BG": "10YCA-BULGARIA-R", "CH": "10YCH-SWISSGRIDZ", "CZ": "10YCZ-CEPS-----N",
	"DE-LU": "10Y1001A1001A82H", "DK1": "10YDK-1--------W", "DK2": "10YDK-2--------M", "EE": "10Y1001A1001A39I", "ES": "10YES-REE------0",
	"FI": "10YFI-1--------U", "FR": "10YFR-RTE------C", "GR": "10YGR-HTSO-----Y", "HR": "10YHR-HEP------M", "HU": "10YHU-MAVIR----U",
	"IE": "10Y1001A1001A59C", "LT": "10YLT-1001A0008Q", "LV": "10YLV-1001A00074", "NL": "10YNL----------L", "PL": "10YPL-AREA-----S",
	"PT": "10YPT-REN------W", "RO": "10YRO-TEL------P", "SI": "10YSI-ELES-----O", "SK": "10YSK-SEPS-----K", //nolint:misspell // Slovenia's grid operator
	"IT-North": "10Y1001A1001A73I", "IT-Centre-North": "10Y1001A1001A70O", "IT-Centre-South": "10Y1001A1001A71M", "IT-South": "10Y1001A1001A788",
	"IT-Calabria": "10Y1001C--00096J", "IT-Sicily": "10Y1001A1001A75E", "IT-Sardinia": "10Y1001A1001A74G",
	"NO1": "10YNO-1--------2", "NO2": "10YNO-2--------T", "NO3": "10YNO-3--------J", "NO4": "10YNO-4--------9", "NO5": "10Y1001A1001A48H",
	"SE1": "10Y1001A1001A44P", "SE2": "10Y1001A1001A45N", "SE3": "10Y1001A1001A46L", "SE4": "10Y1001A1001A47J",
}

// eicOf is the code of an area that is named or is a code already.
func eicOf(area string) (string, error) {
	if eic, isNamed := areas[area]; isNamed {
		return eic, nil
	}
	if isEIC(area) {
		return area, nil
	}
	return "", feeds.Fail(feeds.Misconfigured, "area %q: must be a name such as DE-LU, FR or IT-North, or an EIC of 16 characters", area)
}

// isEIC checks the form and the last character of a code, which is computed from the others (ENTSO-E, EIC Reference
// Manual): a slip of the pen is found here, and not as a zone without prices.
func isEIC(code string) bool {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
	if len(code) != 16 {
		return false
	}
	sum := 0
	for i := range 15 {
		value := strings.IndexByte(characters, code[i])
		if value < 0 {
			return false
		}
		sum += value * (16 - i)
	}
	check := 36 - (sum-1)%37
	return check < 36 && code[15] == characters[check]
}
