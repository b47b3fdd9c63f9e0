environment = "test"
namespace   = "shop-test"
