environment = "pre"
namespace   = "shop-pre"
