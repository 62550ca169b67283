extension RequestHead {
    /// Becomes a copy of `other` that shares no memory with it, in the memory that this head has: a parser whose head
    /// is copied so needs no new memory for its next one.
    public mutating func copy(_ other: borrowing RequestHead) {
        var table = FieldTable()
        swap(&table, &fields)
        table.removeAll()
        for line in other.fields { table.append(line) }
        self = copy other
        fields = table
    }
}
