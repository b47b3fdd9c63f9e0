environment = "stable"
namespace   = "shop-stable"
