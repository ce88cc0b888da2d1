//! A connection as the registry keeps it: by itself, under its user, under its topics.

use crate::table::{Attribute, Item, ItemError, Live as _};
use herald_contract::table::{EXP, Index, attr, due_shard, due_sort, life};
use herald_contract::{CallbackUrl, ConnectionId, Device, Millis, UserId};

/// One open socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// What the gateway calls it.
    pub id: ConnectionId,
    /// Whose it is.
    pub user: UserId,
    /// Where the gateway says that it is reached.
    pub url: CallbackUrl,
    /// Which browser it is from, once it has said so.
    pub device: Option<Device>,
    /// When the gateway let it in.
    pub connected_at: Millis,
    /// When its credentials run out.
    pub token_exp: Option<Millis>,
}

impl Connection {
    /// When nothing of it can be left.
    pub(crate) fn exp(&self) -> u64 {
        self.connected_at.plus(life::CONNECTION).seconds()
    }

    fn address(&self) -> Item {
        Item::from([
            (attr::URL.to_owned(), Attribute::from(self.url.as_str())),
            (attr::CONNECTED_AT.to_owned(), self.connected_at.into()),
            (EXP.to_owned(), self.exp().into()),
        ])
    }

    pub(crate) fn to_item(&self) -> Item {
        let mut item = self.to_item_of_user();
        item.insert(attr::USER.to_owned(), self.user.as_str().into());
        if let Some(end) = self.token_exp {
            let id = self.id.as_str();
            item.insert(attr::TOKEN_EXP.to_owned(), end.into());
            item.insert(Index::Due.pk().to_owned(), due_shard(id).into());
            item.insert(Index::Due.sk().to_owned(), due_sort(end, id).into());
        }
        item
    }

    pub(crate) fn to_item_of_user(&self) -> Item {
        let mut item = self.address();
        if let Some(device) = &self.device {
            item.insert(attr::DEVICE.to_owned(), device.as_str().into());
        }
        item
    }

    pub(crate) fn to_item_of_topic(&self) -> Item {
        self.address()
    }

    pub(crate) fn of_item(id: ConnectionId, user: UserId, item: &Item) -> Result<Self, ItemError> {
        Ok(Self {
            id,
            user,
            url: item.parse(attr::URL)?,
            device: item.text(attr::DEVICE).and_then(|device| device.parse().ok()),
            connected_at: item.millis(attr::CONNECTED_AT)?,
            token_exp: item.number(attr::TOKEN_EXP).map(Millis::new),
        })
    }
}
