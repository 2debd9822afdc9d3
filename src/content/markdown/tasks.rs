//! Task lists: `- [x] done` becomes a list item with a box, which every server shows.

use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeList, NodeValue},
};

/// Replaces the items of task lists by list items that begin with `☐` or `☑`.
pub(super) fn write<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let tasks: Vec<(Node<'a>, bool)> = root
        .descendants()
        .filter_map(|node| match &node.data.borrow().value {
            NodeValue::TaskItem(task) => Some((node, task.symbol.is_some())),
            _ => None,
        })
        .collect();
    for (node, is_done) in tasks {
        let list = node
            .parent()
            .and_then(|list| match &list.data.borrow().value {
                NodeValue::List(list) => Some(*list),
                _ => None,
            });
        node.data.borrow_mut().value = NodeValue::Item(list.unwrap_or_else(NodeList::default));
        let sign = if is_done { "☑ " } else { "☐ " };
        let sign: Node<'a> = arena.alloc(AstNode::from(NodeValue::Text(sign.into())));
        match node.first_child() {
            Some(first) if first.data.borrow().value.contains_inlines() => first.prepend(sign),
            _ => {
                let paragraph: Node<'a> = arena.alloc(AstNode::from(NodeValue::Paragraph));
                paragraph.append(sign);
                node.prepend(paragraph);
            }
        }
    }
}
