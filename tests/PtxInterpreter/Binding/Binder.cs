using Graph.Ptx.Forms;
using Graph.Ptx.Syntax;

namespace Graph.Ptx.Binding;

/// <summary>Checks one kernel and makes it ready to run.</summary>
internal sealed class Binder
{
    private readonly RegisterFile file = new();
    private readonly Stack<Dictionary<string, Name>> scopes = new();
    private readonly Dictionary<string, int> labels = [];
    private readonly Dictionary<string, IReadOnlyList<string>> tables = [];
    private readonly SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly List<Instruction> code = [];
    private int sharedBytes;
    private int localBytes;

    private Binder()
    {
    }

    public static PtxKernel Bind(KernelSyntax syntax)
    {
        var binder = new Binder();
        binder.scopes.Push([]);
        var parameters = new List<(int Offset, int Bytes)>();
        var end = 0;
        foreach (var parameter in syntax.Parameters)
        {
            end = Align(end, parameter.Align);
            parameters.Add((end, parameter.Bytes));
            binder.Declare(parameter.Line, parameter.Name, new Name(default, -1, Space.Parameter, end));
            end += parameter.Bytes;
        }

        binder.Labels(syntax.Body);
        foreach (var statement in syntax.Body)
        {
            binder.Statement(statement);
        }

        var instructions = binder.code.ToArray();
        ControlFlow.Join(instructions);
        return new(syntax.Name)
        {
            Parameters = parameters,
            SharedBytes = binder.sharedBytes,
            LocalBytes = binder.localBytes,
            MaxThreads = syntax.MaxThreads,
            OpcodeCounts = binder.counts,
            Code = instructions,
            Registers = binder.file,
        };
    }

    private static int Align(int offset, int align) => (offset + align - 1) / align * align;

    /// <summary>Labels first: branches go forward too. A label before a table of targets names the table.</summary>
    private void Labels(IReadOnlyList<Statement> body)
    {
        var index = 0;
        LabelStatement? last = null;
        foreach (var statement in body)
        {
            switch (statement)
            {
                case LabelStatement label:
                    ReservedWords.Refuse(label.Line, label.Name);
                    if (!labels.TryAdd(label.Name, index))
                    {
                        throw new PtxException(label.Line, $"label {label.Name} is declared twice");
                    }

                    break;
                case InstructionStatement:
                    index++;
                    break;
                case BranchTargets targets:
                    tables[last?.Name ?? throw new PtxException(targets.Line, "branch targets without a label")] = targets.Labels;
                    break;
            }

            last = statement as LabelStatement;
        }
    }

    private void Statement(Statement statement)
    {
        switch (statement)
        {
            case ScopeStart:
                scopes.Push([]);
                break;
            case ScopeEnd:
                scopes.Pop();
                break;
            case RegisterDeclaration { Count: < 0 } one:
                Declare(one.Line, one.Name, new Name(one.Type, file.Register(one.Type.Width)));
                break;
            case RegisterDeclaration many:
                ReservedWords.Refuse(many.Line, many.Name);
                for (var i = 0; i < many.Count; i++)
                {
                    Declare(many.Line, $"{many.Name}{i}", new Name(many.Type, file.Register(many.Type.Width)));
                }

                break;
            case MemoryDeclaration { Space: ".shared" } shared:
                sharedBytes = Align(sharedBytes, shared.Align);
                Declare(shared.Line, shared.Name, new Name(default, -1, Space.Shared, sharedBytes));
                sharedBytes += shared.Bytes;
                break;
            case MemoryDeclaration local:
                localBytes = Align(localBytes, local.Align);
                Declare(local.Line, local.Name, new Name(default, -1, Space.Local, localBytes));
                localBytes += local.Bytes;
                break;
            case InstructionStatement instruction:
                Instruction(instruction);
                break;
        }
    }

    private void Declare(int line, string name, Name meaning)
    {
        ReservedWords.Refuse(line, name);
        if (!scopes.Peek().TryAdd(name, meaning))
        {
            throw new PtxException(line, $"{name} is declared twice");
        }
    }

    private void Instruction(InstructionStatement statement)
    {
        if (!OpcodeTable.Forms.TryGetValue(statement.Opcode, out var forms))
        {
            throw new PtxException(statement.Line, $"unknown opcode {statement.Opcode}: {statement.Text}");
        }

        var form = forms.Count == 1 && forms[0].Rules.Length == statement.Operands.Count
            ? forms[0]
            : forms.FirstOrDefault(f => f.Rules.Length == statement.Operands.Count && f.Rules.Zip(statement.Operands).All(pair => pair.First.Count == ((pair.Second as VectorSyntax)?.Items.Count ?? 0)))
            ?? throw new PtxException(statement.Line, $"no form of {statement.Opcode} has these {statement.Operands.Count} operands: {statement.Text}");
        try
        {
            var operands = form.Rules.Select((rule, i) => Bind(rule, statement.Operands[i])).ToArray();
            var guard = statement.Guard is { } name ? Value(new Rule(Shape.Read, PtxType.Of("pred")), new NameSyntax(name)) : -1;
            var instruction = form.Make(operands);
            instruction.Place(statement.Line, statement.Text, guard, statement.Negated);
            code.Add(instruction);
        }
        catch (PtxException error)
        {
            throw new PtxException(statement.Line, $"{error.Message}: {statement.Text}");
        }

        counts[form.Name] = counts.GetValueOrDefault(form.Name) + 1;
    }

    private Operand Bind(Rule rule, OperandSyntax syntax)
    {
        switch (rule.Shape, syntax)
        {
            case (Shape.Labels, NameSyntax label):
                return new(0, Targets: [.. (tables.GetValueOrDefault(label.Text) ?? [label.Text]).Select(Target)]);
            case (Shape.Literal, NumberSyntax { RealWidth: 0 } number):
                return new(0, Literal: number.Value);
            case (Shape.Address, AddressSyntax address):
                return Address(rule.Space, address);
            case (Shape.Read or Shape.Write, VectorSyntax vector) when rule.Count > 0:
                if (vector.Items.Count != rule.Count)
                {
                    throw new PtxException($"{vector.Text} has {vector.Items.Count} registers, not {rule.Count}");
                }

                int[] rows = [.. vector.Items.Select(item => Value(rule, item))];
                return new(0, Rows: rows, Width: file.Width(rows[0]));
            case (Shape.Read or Shape.Write, NameSyntax or NumberSyntax) when rule.Count == 0:
                var row = Value(rule, syntax);
                return new(row, Width: file.Width(row));
            default:
                throw new PtxException($"{syntax.Text} is not what stands here ({rule.Shape}{(rule.Count > 0 ? $" of {rule.Count}" : "")})");
        }
    }

    private int Target(string label) => labels.TryGetValue(label, out var index) ? index : throw new PtxException($"label {label} is not declared");

    private Operand Address(Space space, AddressSyntax syntax)
    {
        if (syntax.Base is not NameSyntax { Text: var text })
        {
            throw new PtxException($"{syntax.Text} is no address");
        }

        var name = Find(text);
        if (name.Row >= 0)
        {
            return name.Type.Width is 32 or 64 && name.Type.Kind != PtxKind.Real && space != Space.Parameter
                ? new(name.Row, syntax.Offset, Width: name.Type.Width)
                : throw new PtxException($"{text} ({name.Type}) cannot hold an address of {space} memory");
        }

        return name.Space == space
            ? new(file.Literal(0), name.Offset + syntax.Offset)
            : throw new PtxException($"{text} is in {name.Space} memory, the access is to {space} memory");
    }

    private int Value(Rule rule, OperandSyntax syntax)
    {
        var writes = rule.Shape == Shape.Write;
        switch (syntax)
        {
            case NumberSyntax number when !writes:
                return file.Literal(Literal(rule.Type, number));
            case NameSyntax special when !writes && RegisterFile.IsSpecial(special.Text):
                return rule.Type is { Width: 32, Kind: not PtxKind.Real } ? file.Special(special.Text) : throw new PtxException($"{special.Text} has 32 bits, {rule.Type} is needed");
            case NameSyntax name:
                var meaning = Find(name.Text);
                if (meaning.Row < 0)
                {
                    return rule is { Symbols: true, Type: { Width: >= 32, Kind: not PtxKind.Real } } && meaning.Space != Space.Parameter
                        ? file.Literal((ulong)meaning.Offset)
                        : throw new PtxException($"{name.Text} is memory, not a value");
                }

                return (rule.Memory ? rule.Type.Fits(meaning.Type) : rule.Type.Takes(meaning.Type))
                    ? meaning.Row
                    : throw new PtxException($"{name.Text} is {meaning.Type}, {rule.Type} is needed");
            default:
                throw new PtxException($"{syntax.Text} is no register");
        }
    }

    private static ulong Literal(PtxType type, NumberSyntax number)
    {
        if (number.RealWidth > 0)
        {
            return number.RealWidth == type.Width && type.Kind is PtxKind.Real or PtxKind.Bits ? number.Value : throw new PtxException($"literal {number.Text} is not {type}");
        }

        if (type.Kind == PtxKind.Real)
        {
            throw new PtxException($"literal {number.Text} is not {type}");
        }

        // Both readings of an integer are allowed: -1 and 4294967295 are the same 32 bits.
        var low = type.Width == 64 ? number.Value : number.Value & ((1UL << type.Width) - 1);
        return low == number.Value || number.Value >= 0 - (1UL << (type.Width - 1)) ? low : throw new PtxException($"literal {number.Text} does not fit {type}");
    }

    private Name Find(string text)
    {
        foreach (var scope in scopes)
        {
            if (scope.TryGetValue(text, out var name))
            {
                return name;
            }
        }

        throw new PtxException($"{text} is not declared");
    }

    /// <summary>A register (with a row), or memory (with an offset).</summary>
    private readonly record struct Name(PtxType Type, int Row, Space Space = Space.Parameter, int Offset = 0);
}
