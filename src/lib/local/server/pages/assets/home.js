// The mlflow client prints links with the place behind a `#`: they lead to the pages of the same name.
const place = /^#\/(experiments\/\d+(?:\/runs\/[0-9a-f]{32})?)$/.exec(location.hash);
if (place) location.replace(`/ml/${place[1]}`);
